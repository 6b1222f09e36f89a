import { Controller, Get, Headers, Inject, Param, Query, Req, Res } from '@nestjs/common';
import type { Principal } from '@slipway/contracts';
import { followRunEvents } from '@slipway/portal';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller } from '../auth/caller.js';
import { RUNTIME } from '../runtime-token.js';
import type { ApiRuntime } from '../runtime.js';
import { resumePoint } from './encode-event.js';
import { OpenStreams } from './open-streams.js';
import { writeEvents } from './write-events.js';

@Controller('v1/actions/runs')
export class RunEventsController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ApiRuntime,
    private readonly streams: OpenStreams,
  ) {}

  /** Everything a request can be refused for is refused before the stream begins; from then on it only ends. */
  @Get(':id/events')
  async follow(
    @Param('id') runId: string,
    @Query('after') after: unknown,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Caller() principal: Principal,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const afterSeq = resumePoint(lastEventId, typeof after === 'string' ? after : undefined);
    const stream = this.streams.open(request.raw);
    try {
      const events = await followRunEvents(this.runtime.portal, { principal, runId, afterSeq, signal: stream.signal });
      reply.hijack();
      reply.raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // nginx would hold the stream back otherwise.
        'x-accel-buffering': 'no',
      });
      reply.raw.flushHeaders();
      await writeEvents(events, reply.raw, { signal: stream.signal, coalesceMs: () => this.streams.coalesceMs() });
    } catch (error) {
      if (!reply.raw.headersSent) throw error;
      if (!stream.signal.aborted) request.log.error({ err: error }, 'an event stream broke off');
      // Cut, not ended: the reader must see that there is more, and come back with its Last-Event-ID.
      reply.raw.destroy();
    } finally {
      stream.close();
    }
  }
}
