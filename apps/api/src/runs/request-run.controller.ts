import { Body, Controller, Headers, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { type Principal, RequestRunBody } from '@slipway/contracts';
import { requestPlannedRun, requestRun } from '@slipway/portal';
import type { FastifyRequest } from 'fastify';
import { Caller } from '../auth/caller.js';
import { parseInput } from '../http/parse-input.js';
import { Metrics } from '../metrics/metrics.js';
import { RUNTIME } from '../runtime-token.js';
import type { ApiRuntime } from '../runtime.js';
import { toPortRun } from '../wire/port-wire.js';

@Controller('v1/actions')
export class RequestRunController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ApiRuntime,
    private readonly metrics: Metrics,
  ) {}

  @Post(':action/runs')
  @HttpCode(202)
  async request(
    @Param('action') action: string,
    @Body() body: unknown,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Caller() principal: Principal,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const { properties, secrets, entity, planHash } = parseInput(RequestRunBody, body ?? {});
    const command = { principal, action, properties, secrets, entity, idempotencyKey, traceId: request.id };
    const run = await (planHash === undefined
      ? requestRun(this.runtime.portal, command)
      : requestPlannedRun(this.runtime.portal, { ...command, planHash }));
    this.metrics.runsRequested.inc({ action });
    return { ok: true, run: toPortRun(run) };
  }
}
