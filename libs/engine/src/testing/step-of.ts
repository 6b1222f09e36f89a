import type { Provider } from '../provider.js';
import type { StepDefinition } from '../step-definition.js';

export function stepOf({ name, steps }: Provider, id: string): StepDefinition {
  const found = steps.find((step) => step.id === id);
  if (!found) throw new Error(`The provider ${name} has no step ${id}.`);
  return found;
}
