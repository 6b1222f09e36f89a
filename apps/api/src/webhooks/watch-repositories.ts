import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { readDueRepository } from '@slipway/portal';
import { RUNTIME } from '../runtime-token.js';
import type { ApiRuntime, WebhookSource } from '../runtime.js';

const lookEveryMs = 2_000;
const redeliverEveryMs = 3_600_000;

/**
 * Where webhooks leave something open, the truth is asked for: of repositories of which it is due, and, at the start and each
 * hour, by having delivered again what never arrived. Several apis do so side by side: nothing has a second effect.
 */
@Injectable()
export class WatchRepositories implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private watching: Promise<unknown> = Promise.resolve();

  constructor(@Inject(RUNTIME) private readonly runtime: ApiRuntime) {}

  onApplicationBootstrap(): void {
    const source = this.runtime.webhooks.github;
    if (source) this.watching = Promise.all([this.readDue(source), this.redeliver(source)]);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.watching;
  }

  private async readDue({ truth }: WebhookSource): Promise<void> {
    const { portal } = this.runtime;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const found = await readDueRepository({ repositories: portal.repositories, truth }, signal).catch((error: unknown) =>
        this.complain(error, 'reading what is true of a repository failed; it is tried again in ten minutes'),
      );
      if (!found) await portal.clock.sleep(lookEveryMs, signal).catch(() => undefined);
    }
  }

  private async redeliver(source: WebhookSource): Promise<void> {
    const { portal, log } = this.runtime;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        const outcome = await source.redeliver(signal);
        // Where there is no knowing what was missed, all of it is asked for.
        const isComplete = 'lost' in outcome && outcome.lost === 0;
        const due = await portal.repositories.makeDue(source.truth.kind, isComplete ? 'unheard' : 'all');
        log.info({ ...outcome, due }, 'looked for webhooks that never arrived');
      } catch (error) {
        this.complain(error, 'looking for webhooks that never arrived failed; trying again in an hour');
      }
      await portal.clock.sleep(redeliverEveryMs, signal).catch(() => undefined);
    }
  }

  private complain(error: unknown, what: string): false {
    if (!this.stopping.signal.aborted) this.runtime.log.warn({ err: error }, what);
    return false;
  }
}
