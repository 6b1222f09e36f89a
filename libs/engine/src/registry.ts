import type { Provider } from './provider.js';
import type { ResourceKind } from './resource-kind.js';
import type { StepDefinition } from './step-definition.js';

/** Every step definition and resource kind this installation knows, by id. */
export class Registry {
  private readonly steps = new Map<string, StepDefinition>();
  private readonly kinds = new Map<string, ResourceKind>();
  private readonly owners = new Map<string, Provider>();

  constructor(providers: readonly Provider[]) {
    for (const provider of providers) {
      for (const step of provider.steps) register(this.steps, step.id, step, provider.name);
      for (const kind of provider.kinds) register(this.kinds, kind.kind, kind, provider.name);
      for (const { id } of provider.steps) this.owners.set(id, provider);
      for (const { kind } of provider.kinds) this.owners.set(kind, provider);
    }
  }

  step(id: string): StepDefinition | undefined {
    return this.steps.get(id);
  }

  kind(id: string): ResourceKind | undefined {
    return this.kinds.get(id);
  }

  /** Whose step or kind that is. */
  providerOf(id: string): Provider | undefined {
    return this.owners.get(id);
  }

  stepIds(): string[] {
    return [...this.steps.keys()].sort();
  }
}

function register<T>(into: Map<string, T>, id: string, value: T, provider: string): void {
  if (into.has(id)) throw new Error(`"${id}" of provider "${provider}" is registered twice.`);
  into.set(id, value);
}
