import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { applyRepositoryEvents, type DeliveredEvent, type Delivery, listPendingDeliveries, noticePushes, type RepositoryEvent } from '@slipway/portal';
import { RUNTIME } from '../runtime-token.js';
import type { ApiRuntime } from '../runtime.js';

const lookEveryMs = 5_000;
/** What is younger is most likely being processed right now; twice would be harmless, only idle. */
const leftBehindMs = 3_000;

/** A push brings some twenty deliveries within a second or two: what comes so close behind others waits for more of them. */
const gatherMs = 250;
/** So many look things up and are kept together; what is left after them is next. */
const mostTogether = 100;

/**
 * Acts on stored deliveries: on one that comes alone at once, on those close behind it together, and on what a crash or a lost
 * database left behind.
 */
@Injectable()
export class ProcessDeliveries implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private looking: Promise<void> = Promise.resolve();
  private readonly waiting: Delivery[] = [];
  private working: Promise<void> | undefined;

  constructor(@Inject(RUNTIME) private readonly runtime: ApiRuntime) {}

  onApplicationBootstrap(): void {
    this.looking = this.look();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.looking;
    await this.working;
  }

  /** Does not make its caller wait, and does not throw: whatever fails here is found again by the next look. */
  processSoon(delivery: Delivery): void {
    this.waiting.push(delivery);
    this.working ??= this.work().finally(() => (this.working = undefined));
  }

  private async work(): Promise<void> {
    while (this.waiting.length > 0) {
      await this.process(this.waiting.splice(0, mostTogether));
      if (this.waiting.length < mostTogether) await this.runtime.portal.clock.sleep(gatherMs, this.stopping.signal).catch(() => undefined);
    }
  }

  private async look(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await this.processPending();
      await this.runtime.portal.clock.sleep(lookEveryMs, this.stopping.signal).catch(() => undefined);
    }
  }

  private async processPending(): Promise<void> {
    try {
      // Each by itself: one that cannot be acted on must not keep the others from it.
      for (const delivery of await listPendingDeliveries(this.runtime.portal, { olderThanMs: leftBehindMs })) {
        if (this.stopping.signal.aborted) return;
        await this.process([delivery]);
      }
    } catch (error) {
      this.runtime.log.error({ err: error }, 'looking for webhook deliveries failed; trying again shortly');
    }
  }

  private async process(deliveries: Delivery[]): Promise<void> {
    try {
      const delivered = deliveries.map((delivery) => this.read(delivery));
      await noticePushes(this.runtime.portal, delivered.flatMap(({ event }) => pushOf(event)));
      await applyRepositoryEvents(this.runtime.portal, delivered);
    } catch (error) {
      const ids = deliveries.map(({ deliveryId }) => deliveryId);
      this.runtime.log.error({ err: error, deliveries: ids }, 'processing webhook deliveries failed; trying again shortly');
    }
  }

  private read(delivery: Delivery): DeliveredEvent {
    const { provider, deliveryId } = delivery;
    const source = provider === 'github' ? this.runtime.webhooks.github : null;
    const said = source?.read(delivery) ?? { event: { event: 'ignored', reason: `no integration for ${provider}` }, signal: null };
    return { delivery: { provider, deliveryId }, ...said };
  }
}

function pushOf(event: RepositoryEvent): Array<{ repository: string; branch: string }> {
  return event.event === 'told' && event.branch !== null ? [{ repository: event.repository.fullName, branch: event.branch }] : [];
}
