import { Integration, type IntegrationState } from './integration.js';
import type { Clock } from './ports/clock.js';
import type { Provider } from './provider.js';

/** The outside systems this process calls. One object per process: its bounds and breakers hold for all runs together. */
export class Integrations {
  private readonly known = new Map<string, Integration>();

  constructor(private readonly clock: Clock) {}

  /** Null: no outside system is behind it, so there is nothing to spare. */
  of(provider: Provider | undefined): Integration | null {
    if (provider?.atOnce === undefined) return null;
    const known = this.known.get(provider.name) ?? new Integration(provider.name, provider.atOnce, this.clock);
    this.known.set(provider.name, known);
    return known;
  }

  /** Of those that were called so far, for health and metrics. */
  states(): IntegrationState[] {
    return [...this.known.values()].map((integration) => integration.state());
  }
}
