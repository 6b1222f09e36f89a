import { Controller, Get, Inject } from '@nestjs/common';
import type { Principal } from '@slipway/contracts';
import { lookAtIntegrations } from '@slipway/portal';
import { Caller } from '../auth/caller.js';
import { RUNTIME } from '../runtime-token.js';
import type { ApiRuntime } from '../runtime.js';

/** For operators: whether GitHub, Kubernetes, Argo CD and Akeyless let us do our work, and what to do where not. */
@Controller('v1/engine/integrations')
export class IntegrationsController {
  constructor(@Inject(RUNTIME) private readonly runtime: ApiRuntime) {}

  @Get()
  async list(@Caller() principal: Principal): Promise<object> {
    return { ok: true, integrations: await lookAtIntegrations(this.runtime.portal, { principal }) };
  }
}
