import { createHash } from 'node:crypto';
import type { PlanView } from '@slipway/contracts';

/**
 * The same for the same plan: whatever the order of keys, whether or not contents were asked for (their digests count), and
 * whether somebody looked or the thing was free anyway.
 */
export function planHash(plan: Omit<PlanView, 'hash'>): string {
  const files = plan.files.map(({ path, mode, digest }) => ({ path, mode, digest }));
  const steps = plan.steps.map((step) => ({
    ...step,
    effects: step.effects.map(({ effect, kind, externalId, title }) => ({ effect, kind, externalId, title })),
  }));
  return createHash('sha256').update(canonical({ ...plan, steps, files })).digest('hex');
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
