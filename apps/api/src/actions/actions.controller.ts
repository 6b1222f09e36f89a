import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { Operation, type Principal } from '@slipway/contracts';
import { getAction, listActions } from '@slipway/portal';
import { z } from 'zod';
import { Caller } from '../auth/caller.js';
import { parseInput } from '../http/parse-input.js';
import { queryText } from '../http/query.js';
import { RUNTIME } from '../runtime-token.js';
import type { ApiRuntime } from '../runtime.js';
import { toPortAction } from '../wire/port-wire.js';

export const ActionsQuery = z.object({
  action_identifier: queryText,
  blueprint_identifier: queryText,
  operation: queryText.pipe(Operation.optional()),
});

@Controller('v1/actions')
export class ActionsController {
  constructor(@Inject(RUNTIME) private readonly runtime: ApiRuntime) {}

  @Get()
  async list(@Query() query: unknown, @Caller() principal: Principal): Promise<object> {
    const { action_identifier: identifier, blueprint_identifier: blueprint, operation } = parseInput(ActionsQuery, query);
    const actions = await listActions(this.runtime.portal, { principal, blueprint, operation });
    const named = actions.filter((action) => identifier === undefined || action.identifier === identifier);
    return { ok: true, actions: named.map(toPortAction) };
  }

  @Get(':action')
  async get(@Param('action') identifier: string, @Caller() principal: Principal): Promise<object> {
    return { ok: true, action: toPortAction(await getAction(this.runtime.portal, { principal, identifier })) };
  }
}
