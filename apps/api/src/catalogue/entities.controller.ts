import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { type Principal } from '@slipway/contracts';
import { getEntity, listEntities } from '@slipway/portal';
import { z } from 'zod';
import { Caller } from '../auth/caller.js';
import { parseInput } from '../http/parse-input.js';
import { queryInteger, queryText } from '../http/query.js';
import { RUNTIME } from '../runtime-token.js';
import type { ApiRuntime } from '../runtime.js';
import { toPortEntity } from '../wire/port-wire.js';

export const EntitiesQuery = z.object({ limit: queryInteger, from: queryText });

@Controller('v1/blueprints/:blueprint/entities')
export class EntitiesController {
  constructor(@Inject(RUNTIME) private readonly runtime: ApiRuntime) {}

  @Get()
  async list(@Param('blueprint') blueprint: string, @Query() query: unknown, @Caller() principal: Principal): Promise<object> {
    const { limit, from: after } = parseInput(EntitiesQuery, query);
    const page = await listEntities(this.runtime.portal, { principal, blueprint, limit, after });
    return { ok: true, entities: page.items.map(toPortEntity), ...(page.next === null ? {} : { next: page.next }) };
  }

  /** The router has decoded the identifier, which may hold `%2F`; a `+` stands for itself. */
  @Get(':identifier')
  async get(
    @Param('blueprint') blueprint: string,
    @Param('identifier') identifier: string,
    @Caller() principal: Principal,
  ): Promise<object> {
    return {
      ok: true,
      entity: toPortEntity(await getEntity(this.runtime.portal, { principal, entity: { blueprint, identifier } })),
    };
  }
}
