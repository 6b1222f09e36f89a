import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/public.js';
import { RUNTIME } from '../runtime-token.js';
import type { ApiRuntime } from '../runtime.js';
import { checkDependencies } from './dependencies.js';

@Public()
@Controller('health')
export class HealthController {
  constructor(@Inject(RUNTIME) private readonly runtime: ApiRuntime) {}

  /** The process answers. Says nothing about others, so that a restart is asked for only where it helps. */
  @Get('live')
  live(): { ok: true } {
    return { ok: true };
  }

  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const dependencies = await checkDependencies(this.runtime.dependencies);
    const ok = Object.values(dependencies).every((report) => report.ok);
    if (!ok) reply.status(503);
    return { ok, dependencies, ...(ok ? await this.paused() : {}) };
  }

  /** No reason to send traffic elsewhere, but to wonder less. Who and why is in the log: this route asks for no token. */
  private async paused(): Promise<{ newRunsPausedSince?: string }> {
    const pause = await this.runtime.portal.pauses.find();
    return pause ? { newRunsPausedSince: pause.pausedAt.toISOString() } : {};
  }
}
