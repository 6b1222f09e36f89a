import { Inject } from '@nestjs/common';
import { Args, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import type { Principal } from '@slipway/contracts';
import { followRunEvents } from '@slipway/portal';
import { OpenStreams } from '../runs/open-streams.js';
import { RUNTIME } from '../runtime-token.js';
import type { ApiRuntime } from '../runtime.js';
import { followForConnection, type RunEventPayload } from './follow-for-connection.js';
import { GraphqlCaller } from './graphql-context.js';
import type { RunEventNode } from './to-graphql.js';

@Resolver('RunEvent')
export class RunEventsResolver {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ApiRuntime,
    private readonly streams: OpenStreams,
  ) {}

  @Subscription('runEvents')
  async runEvents(
    @Args('id') runId: string,
    @Args('after') after: number | null,
    @GraphqlCaller() principal: Principal,
  ): Promise<AsyncIterableIterator<RunEventPayload>> {
    const stream = this.streams.open();
    try {
      const events = await followRunEvents(this.runtime.portal, {
        principal,
        runId,
        afterSeq: Math.max(0, after ?? 0),
        signal: stream.signal,
      });
      return followForConnection(events, stream);
    } catch (error) {
      stream.close();
      throw error;
    }
  }

  @ResolveField('__resolveType')
  typeOf(event: RunEventNode): RunEventNode['__typename'] {
    return event.__typename;
  }
}
