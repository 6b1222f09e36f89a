import type { Registry, Secrets } from '@slipway/engine';

/** The steps of an installation, by its configuration, and its secrets; without one every step there is. */
export async function knownSteps(config: string | undefined): Promise<{ registry: Registry; secrets?: Secrets }> {
  // Loads every provider's client: not for a command that turns out to be misspelt.
  const { compose, everyStep, inMemory } = await import('@slipway/composition');
  if (config === undefined) return { registry: await everyStep() };
  const { registry, secrets } = await compose(config, inMemory());
  return { registry, secrets };
}
