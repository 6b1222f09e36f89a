import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { refreshSource, type TemplateSource } from '@slipway/portal';
import { RUNTIME } from '../runtime-token.js';
import type { ApiRuntime } from '../runtime.js';

const lookEveryMs = 1_000;

/**
 * Keeps template sources fresh: folders once, before the api listens, and whatever has its time come, one api at a time.
 * What cannot be read or is broken costs nobody the templates there are.
 */
@Injectable()
export class RefreshSources implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private looking: Promise<void> = Promise.resolve();

  constructor(@Inject(RUNTIME) private readonly runtime: ApiRuntime) {}

  async onApplicationBootstrap(): Promise<void> {
    for (const source of this.runtime.templateSources) if (source.url === null) await this.refresh(source);
    this.looking = this.look();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.looking;
  }

  private async look(): Promise<void> {
    const { portal } = this.runtime;
    while (!this.stopping.signal.aborted) {
      const due = await portal.sources.takeDue().catch((error: unknown) => this.complain(error, null));
      if (due) await this.refresh(due);
      else await portal.clock.sleep(lookEveryMs, this.stopping.signal).catch(() => undefined);
    }
  }

  private async refresh(source: TemplateSource): Promise<void> {
    await refreshSource(this.runtime.portal, source).catch((error: unknown) => this.complain(error, source.name));
    const [latest] = (await this.runtime.portal.sources.list().catch(() => [])).find(({ name }) => name === source.name)?.versions ?? [];
    if (latest?.actions === null) {
      const errors = latest.findings.filter(({ severity }) => severity === 'error');
      this.runtime.log.error({ source: source.name, version: latest.id, errors }, 'the newest templates of a source have errors and are not offered');
    }
  }

  private complain(error: unknown, source: string | null): null {
    this.runtime.log.error({ err: error, source }, 'looking at a template source failed; trying again when its time comes');
    return null;
  }
}
