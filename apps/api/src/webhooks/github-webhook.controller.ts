import { Body, Controller, Headers, HttpCode, Inject, Post } from '@nestjs/common';
import { SlipwayError } from '@slipway/contracts';
import { receiveWebhook } from '@slipway/portal';
import { z } from 'zod';
import { Public } from '../auth/public.js';
import { parseInput } from '../http/parse-input.js';
import { Metrics } from '../metrics/metrics.js';
import { RUNTIME } from '../runtime-token.js';
import type { ApiRuntime } from '../runtime.js';
import { ProcessDeliveries } from './process-deliveries.js';

const provider = 'github';

/** Of GitHub's headers, those we act on: https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers */
const DeliveryHeaders = z.object({
  'x-github-delivery': z.string().min(1).max(100),
  'x-github-event': z.string().min(1).max(100),
});

/** Open to anyone: the signature is what lets a delivery in. */
@Public()
@Controller('webhooks/github')
export class GithubWebhookController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ApiRuntime,
    private readonly deliveries: ProcessDeliveries,
    private readonly metrics: Metrics,
  ) {}

  /** Verified, stored, answered; what it says is acted on afterwards, since GitHub waits 10 s and asks no second time. */
  @Post()
  @HttpCode(202)
  async receive(@Body() body: unknown, @Headers() headers: Record<string, string | undefined>): Promise<object> {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    await this.assertSigned(bytes, headers['x-hub-signature-256']);
    const { 'x-github-delivery': deliveryId, 'x-github-event': event } = parseInput(DeliveryHeaders, headers, 'bad_request');
    const delivery = { provider, deliveryId, event, body: bytes };
    const outcome = await receiveWebhook(this.runtime.portal, delivery);
    this.metrics.deliveries.inc({ provider, outcome });
    if (outcome === 'stored') this.deliveries.processSoon(delivery);
    return { ok: true, delivery: { id: deliveryId, outcome } };
  }

  private async assertSigned(body: Buffer, signature: string | undefined): Promise<void> {
    const source = this.runtime.webhooks.github;
    if (!source) throw new SlipwayError('not_found', 'No GitHub integration is configured here.');
    if (signature !== undefined && (await source.verify(body, signature))) return;
    this.metrics.deliveries.inc({ provider, outcome: 'refused' });
    throw new SlipwayError(
      'unauthorized',
      'X-Hub-Signature-256 is missing or does not match the body: check the webhook’s secret on both sides.',
    );
  }
}
