import { Inject } from '@nestjs/common';
import { Args, Query, Resolver } from '@nestjs/graphql';
import type { Principal } from '@slipway/contracts';
import { getAction, getEntity, listActions, listEntities } from '@slipway/portal';
import { RUNTIME } from '../runtime-token.js';
import type { ApiRuntime } from '../runtime.js';
import { GraphqlCaller } from './graphql-context.js';
import { nullWhenMissing } from './null-when-missing.js';
import { pageSize } from './page-size.js';
import type * as Gql from './schema.generated.js';
import { toAction, toConnection, toEntity } from './to-graphql.js';

@Resolver()
export class CatalogueResolver {
  constructor(@Inject(RUNTIME) private readonly runtime: ApiRuntime) {}

  @Query('entity')
  async entity(
    @Args('blueprint') blueprint: string,
    @Args('id') identifier: string,
    @GraphqlCaller() principal: Principal,
  ): Promise<Gql.Entity | null> {
    const entity = await nullWhenMissing(getEntity(this.runtime.portal, { principal, entity: { blueprint, identifier } }));
    return entity && toEntity(entity);
  }

  @Query('entities')
  async entities(@Args() args: EntitiesArgs, @GraphqlCaller() principal: Principal): Promise<Gql.EntityConnection> {
    const { blueprint, first, after } = args;
    const page = await listEntities(this.runtime.portal, {
      principal,
      blueprint,
      limit: pageSize(first),
      after: after ?? undefined,
    });
    return toConnection(page, toEntity);
  }

  @Query('actions')
  async actions(@GraphqlCaller() principal: Principal): Promise<Gql.Action[]> {
    return (await listActions(this.runtime.portal, { principal })).map(toAction);
  }

  @Query('action')
  async action(@Args('id') identifier: string, @GraphqlCaller() principal: Principal): Promise<Gql.Action | null> {
    const action = await nullWhenMissing(getAction(this.runtime.portal, { principal, identifier }));
    return action && toAction(action);
  }
}

interface EntitiesArgs {
  blueprint: string;
  first?: number | null;
  after?: string | null;
}
