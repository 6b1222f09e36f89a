import type { Registry, Secrets } from '@slipway/engine';
import type { Environment } from '@slipway/templating';

/** The steps of an installation, by its configuration, and its secrets; without one every step there is. */
export async function knownSteps(config: string | undefined): Promise<{ registry: Registry; secrets?: Secrets; environment?: Environment }> {
  // Loads every provider's client: not for a command that turns out to be misspelt.
  const { compose, everyStep, inMemory } = await import('@slipway/composition');
  if (config === undefined) return { registry: await everyStep() };
  const { registry, secrets, config: installed } = await compose(config, inMemory());
  return { registry, secrets, environment: installed.environment };
}
