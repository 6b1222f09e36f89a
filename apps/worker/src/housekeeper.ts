import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Composition } from '@slipway/composition';
import { systemClock } from '@slipway/engine';
import { type Database, PostgresHousekeeping } from '@slipway/persistence';
import { PinoLogger } from 'nestjs-pino';
import { COMPOSITION, DATABASE } from './tokens.js';

const everyMs = 3_600_000;

/** Once after the start and then each hour; of several workers one at a time. */
@Injectable()
export class Housekeeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();

  constructor(
    @Inject(COMPOSITION) private readonly composition: Composition,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(PinoLogger) private readonly log: PinoLogger,
  ) {}

  onApplicationBootstrap(): void {
    void this.keepHouse();
  }

  /** Between two batches; a batch under way is short, and one that hangs on the database ends with the process. */
  beforeApplicationShutdown(): void {
    this.stopping.abort();
  }

  private async keepHouse(): Promise<void> {
    const { archiveAfterDays, deleteAfterDays = null } = this.composition.config.history;
    const house = new PostgresHousekeeping(this.database.pool, { archiveAfterDays, deleteAfterDays });
    while (!this.stopping.signal.aborted) {
      try {
        const swept = await house.keepHouse(this.stopping.signal);
        if (swept && Object.keys(swept).length > 0) this.log.info({ swept }, 'housekeeping is done');
      } catch (error) {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        this.log.error(`Housekeeping failed, and is tried again in an hour: ${this.composition.processSecrets.redact(text)}`);
      }
      await systemClock.sleep(everyMs, this.stopping.signal).catch(() => undefined);
    }
  }
}
