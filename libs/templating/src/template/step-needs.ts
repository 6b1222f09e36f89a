import { referencesIn } from '../expressions/references.js';
import type { TemplateStep } from './template-document.js';

/**
 * What each step waits for, spelt out: what it says; where it says nothing, the step before it; and always every step
 * whose output it refers to. Names are taken as written, known or not.
 */
export function needsOf(steps: readonly TemplateStep[]): Map<string, string[]> {
  return new Map(
    steps.map((step, index) => {
      const before = steps[index - 1];
      const stated = step.needs ?? (before ? [before.id] : []);
      const referred = referencesIn([step.input, step.if, step.each]).steps;
      return [step.id, [...new Set([...stated, ...referred])]];
    }),
  );
}

/** One way round, as `a → b → a`; null when there is none. Unknown names are passed over. */
export function findCycle(needs: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  const visit = (id: string, way: readonly string[]): string[] | null => {
    if (way.includes(id)) return [...way.slice(way.indexOf(id)), id];
    if (done.has(id)) return null;
    for (const next of needs.get(id) ?? []) {
      const cycle = visit(next, [...way, id]);
      if (cycle) return cycle;
    }
    done.add(id);
    return null;
  };
  for (const id of needs.keys()) {
    const cycle = visit(id, []);
    if (cycle) return cycle;
  }
  return null;
}
