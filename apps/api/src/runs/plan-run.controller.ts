import { Body, Controller, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { type Principal, RequestPlanBody } from '@slipway/contracts';
import { planRun } from '@slipway/portal';
import { Caller } from '../auth/caller.js';
import { parseInput } from '../http/parse-input.js';
import { RUNTIME } from '../runtime-token.js';
import type { ApiRuntime } from '../runtime.js';

@Controller('v1/actions')
export class PlanRunController {
  constructor(@Inject(RUNTIME) private readonly runtime: ApiRuntime) {}

  @Post(':action/plan')
  @HttpCode(200)
  async plan(@Param('action') action: string, @Body() body: unknown, @Caller() principal: Principal): Promise<object> {
    const { properties, secrets, entity, content } = parseInput(RequestPlanBody, body ?? {});
    const command = { principal, action, properties, secrets, entity, content };
    return { ok: true, plan: await planRun(this.runtime.portal, command) };
  }
}
