import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { type Principal, RetryRunBody } from '@slipway/contracts';
import { cancelRun, getRun, listLogLines, listRuns, retryRun, runOutput, undoRun } from '@slipway/portal';
import { z } from 'zod';
import { Caller } from '../auth/caller.js';
import { parseInput } from '../http/parse-input.js';
import { queryFlag, queryInteger, queryText } from '../http/query.js';
import { RUNTIME } from '../runtime-token.js';
import type { ApiRuntime } from '../runtime.js';
import { activeStatuses, toPortRun, toPortRunLog, toPortRunWithOutput } from '../wire/port-wire.js';

export const RunsQuery = z.object({
  entity: queryText,
  blueprint: queryText,
  action: queryText,
  active: queryFlag,
  limit: queryInteger,
  from: queryText,
});

export const LogsQuery = z.object({ limit: queryInteger, offset: queryInteger });

@Controller('v1/actions/runs')
export class RunsController {
  constructor(@Inject(RUNTIME) private readonly runtime: ApiRuntime) {}

  @Get()
  async list(@Query() query: unknown, @Caller() principal: Principal): Promise<object> {
    const { active, from: after, ...filter } = parseInput(RunsQuery, query);
    const page = await listRuns(this.runtime.portal, {
      principal,
      ...filter,
      after,
      ...(active ? { statuses: activeStatuses } : {}),
    });
    return { ok: true, runs: page.items.map(toPortRun), ...(page.next === null ? {} : { next: page.next }) };
  }

  @Get(':id')
  async get(@Param('id') runId: string, @Caller() principal: Principal): Promise<object> {
    const run = await getRun(this.runtime.portal, { principal, runId });
    return { ok: true, run: toPortRunWithOutput(run, await runOutput(this.runtime.portal, run)) };
  }

  @Get(':id/logs')
  async logs(@Param('id') runId: string, @Query() query: unknown, @Caller() principal: Principal): Promise<object> {
    const { limit, offset } = parseInput(LogsQuery, query);
    const lines = await listLogLines(this.runtime.portal, { principal, runId, limit, offset });
    return { ok: true, runLogs: lines.map((line) => toPortRunLog(runId, line)) };
  }

  @Post(':id/cancel')
  @HttpCode(202)
  async cancel(@Param('id') runId: string, @Caller() principal: Principal): Promise<object> {
    return { ok: true, run: toPortRun(await cancelRun(this.runtime.portal, { principal, runId })) };
  }

  @Post(':id/retry')
  @HttpCode(202)
  async retry(@Param('id') runId: string, @Body() body: unknown, @Caller() principal: Principal): Promise<object> {
    const { secrets } = parseInput(RetryRunBody, body ?? {});
    return { ok: true, run: toPortRun(await retryRun(this.runtime.portal, { principal, runId, secrets })) };
  }

  @Post(':id/undo')
  @HttpCode(202)
  async undo(@Param('id') runId: string, @Caller() principal: Principal): Promise<object> {
    return { ok: true, run: toPortRun(await undoRun(this.runtime.portal, { principal, runId })) };
  }
}
