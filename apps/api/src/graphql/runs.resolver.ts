import { Inject } from '@nestjs/common';
import { Args, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { Principal } from '@slipway/contracts';
import { cancelRun, getRun, listRuns, requestRun, retryRun, runOutput } from '@slipway/portal';
import { RUNTIME } from '../runtime-token.js';
import type { ApiRuntime } from '../runtime.js';
import { activeStatuses } from '../wire/port-wire.js';
import { GraphqlCaller, TraceId } from './graphql-context.js';
import { nullWhenMissing } from './null-when-missing.js';
import { pageSize } from './page-size.js';
import type * as Gql from './schema.generated.js';
import { type RunNode, toConnection, toRun } from './to-graphql.js';

@Resolver('Run')
export class RunsResolver {
  constructor(@Inject(RUNTIME) private readonly runtime: ApiRuntime) {}

  @Query('run')
  async run(@Args('id') runId: string, @GraphqlCaller() principal: Principal): Promise<RunNode | null> {
    const run = await nullWhenMissing(getRun(this.runtime.portal, { principal, runId }));
    return run && toRun(run);
  }

  @Query('runs')
  async runs(@Args() args: RunsArgs, @GraphqlCaller() principal: Principal): Promise<RunNodes> {
    const { action, blueprint, entity, active } = args.filter ?? {};
    const page = await listRuns(this.runtime.portal, {
      principal,
      action: action ?? undefined,
      blueprint: blueprint ?? undefined,
      entity: entity ?? undefined,
      ...(active ? { statuses: activeStatuses } : {}),
      limit: pageSize(args.first),
      after: args.after ?? undefined,
    });
    return toConnection(page, toRun);
  }

  @ResolveField('output')
  output(@Parent() run: RunNode): Promise<Gql.RunOutput> {
    return runOutput(this.runtime.portal, run);
  }

  @Mutation('requestRun')
  async requestRun(
    @Args('input') input: Gql.RequestRunInput,
    @GraphqlCaller() principal: Principal,
    @TraceId() traceId: string,
  ): Promise<RunNode> {
    const { action, properties, secrets, entity, idempotencyKey } = input;
    const run = await requestRun(this.runtime.portal, {
      principal,
      action,
      properties: properties ?? {},
      secrets: secrets ?? {},
      entity: entity ?? undefined,
      idempotencyKey: idempotencyKey ?? undefined,
      traceId,
    });
    return toRun(run);
  }

  @Mutation('cancelRun')
  async cancelRun(@Args('id') runId: string, @GraphqlCaller() principal: Principal): Promise<RunNode> {
    return toRun(await cancelRun(this.runtime.portal, { principal, runId }));
  }

  @Mutation('retryRun')
  async retryRun(@Args() { id: runId, secrets }: RetryRunArgs, @GraphqlCaller() principal: Principal): Promise<RunNode> {
    return toRun(await retryRun(this.runtime.portal, { principal, runId, secrets: secrets ?? {} }));
  }
}

interface RunNodes extends Omit<Gql.RunConnection, 'nodes'> {
  nodes: RunNode[];
}

interface RetryRunArgs {
  id: string;
  secrets?: Record<string, unknown> | null;
}

interface RunsArgs {
  filter?: Gql.RunFilter | null;
  first?: number | null;
  after?: string | null;
}
