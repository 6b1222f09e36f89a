import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { OfferVersionBody, type Principal } from '@slipway/contracts';
import { listSources, offerVersion, refreshSourceNow } from '@slipway/portal';
import { Caller } from '../auth/caller.js';
import { parseInput } from '../http/parse-input.js';
import { RUNTIME } from '../runtime-token.js';
import type { ApiRuntime } from '../runtime.js';

@Controller('v1/templates/sources')
export class TemplateSourcesController {
  constructor(@Inject(RUNTIME) private readonly runtime: ApiRuntime) {}

  @Get()
  async list(@Caller() principal: Principal): Promise<object> {
    return { ok: true, sources: await listSources(this.runtime.portal, { principal }) };
  }

  @Post(':source/refresh')
  @HttpCode(200)
  async refresh(@Param('source') source: string, @Caller() principal: Principal): Promise<object> {
    return { ok: true, source: await refreshSourceNow(this.runtime.portal, { principal, source }) };
  }

  @Post(':source/offer')
  @HttpCode(200)
  async offer(@Param('source') source: string, @Body() body: unknown, @Caller() principal: Principal): Promise<object> {
    const { version } = parseInput(OfferVersionBody, body ?? {});
    return { ok: true, source: await offerVersion(this.runtime.portal, { principal, source, version }) };
  }
}
