import { Body, Controller, Delete, Inject, Put } from '@nestjs/common';
import type { Principal } from '@slipway/contracts';
import { pauseRuns, resumeRuns } from '@slipway/portal';
import { z } from 'zod';
import { Caller } from '../auth/caller.js';
import { parseInput } from '../http/parse-input.js';
import { RUNTIME } from '../runtime-token.js';
import type { ApiRuntime } from '../runtime.js';

export const PauseBody = z.strictObject({ reason: z.string().trim().min(1).max(500) });

/** For operators: an upgrade, an outage of what the runs need. Who did it and why stays in the log. */
@Controller('v1/engine/pause')
export class PauseController {
  constructor(@Inject(RUNTIME) private readonly runtime: ApiRuntime) {}

  @Put()
  async pause(@Body() body: unknown, @Caller() principal: Principal): Promise<object> {
    const { reason } = parseInput(PauseBody, body ?? {});
    const pause = await pauseRuns(this.runtime.portal, { principal, reason });
    this.runtime.log.warn({ audit: 'runs.paused', by: pause.pausedBy, reason }, 'new runs are paused');
    return { ok: true, pause: { ...pause, pausedAt: pause.pausedAt.toISOString() } };
  }

  @Delete()
  async resume(@Caller() principal: Principal): Promise<object> {
    const resumed = await resumeRuns(this.runtime.portal, { principal });
    this.runtime.log.warn({ audit: 'runs.resumed', by: `${principal.kind}:${principal.id}`, resumed }, 'new runs go on');
    return { ok: true, resumed };
  }
}
