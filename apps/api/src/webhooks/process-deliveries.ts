import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { applyRepositoryEvent, type Delivery, listPendingDeliveries, noticePush, type RepositoryEvent } from '@slipway/portal';
import { RUNTIME } from '../runtime-token.js';
import type { ApiRuntime } from '../runtime.js';

const lookEveryMs = 5_000;
/** What is younger is most likely being processed right now; twice would be harmless, only idle. */
const leftBehindMs = 3_000;

/** Acts on stored deliveries: on each as it comes, and on what a crash or a lost database left behind. */
@Injectable()
export class ProcessDeliveries implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private looking: Promise<void> = Promise.resolve();
  private readonly inFlight = new Set<Promise<void>>();

  constructor(@Inject(RUNTIME) private readonly runtime: ApiRuntime) {}

  onApplicationBootstrap(): void {
    this.looking = this.look();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.looking;
    await Promise.all(this.inFlight);
  }

  /** Does not make its caller wait, and does not throw: whatever fails here is found again by the next look. */
  processSoon(delivery: Delivery): void {
    const work = this.process(delivery).finally(() => this.inFlight.delete(work));
    this.inFlight.add(work);
  }

  private async look(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await this.processPending();
      await this.runtime.portal.clock.sleep(lookEveryMs, this.stopping.signal).catch(() => undefined);
    }
  }

  private async processPending(): Promise<void> {
    try {
      for (const delivery of await listPendingDeliveries(this.runtime.portal, { olderThanMs: leftBehindMs })) {
        if (this.stopping.signal.aborted) return;
        await this.process(delivery);
      }
    } catch (error) {
      this.runtime.log.error({ err: error }, 'looking for webhook deliveries failed; trying again shortly');
    }
  }

  private async process(delivery: Delivery): Promise<void> {
    const { provider, deliveryId } = delivery;
    try {
      const event = this.read(delivery);
      if (event.event === 'told' && event.branch !== null) {
        await noticePush(this.runtime.portal, { repository: event.repository.fullName, branch: event.branch });
      }
      await applyRepositoryEvent(this.runtime.portal, {
        delivery: { provider, deliveryId },
        event,
        signal: delivery.provider === 'github' ? (this.runtime.webhooks.github?.signal(delivery) ?? null) : null,
      });
    } catch (error) {
      this.runtime.log.error({ err: error, provider, deliveryId }, 'processing a webhook delivery failed; trying again shortly');
    }
  }

  /** What cannot be read now cannot be read later: it is laid aside with the reason. */
  private read(delivery: Delivery): RepositoryEvent {
    const source = this.runtime.webhooks.github;
    if (!source || delivery.provider !== 'github') return { event: 'ignored', reason: `no integration for ${delivery.provider}` };
    try {
      return source.parse(delivery);
    } catch (error) {
      return { event: 'ignored', reason: `unreadable: ${error instanceof Error ? error.message : String(error)}`.slice(0, 500) };
    }
  }
}
