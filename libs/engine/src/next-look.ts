import type { StepContext } from './step-definition.js';

const soonestMs = 100;
const latestMs = 5_000;

/**
 * After how many ms a step that waits for something outside looks again: a tenth of what it has waited. What comes soon is
 * noticed soon, and nobody is asked each second about what takes an hour.
 */
export function nextLookMs({ clock, startedAt }: Pick<StepContext, 'clock' | 'startedAt'>): number {
  const waitedMs = clock.now().getTime() - startedAt.getTime();
  return Math.round(Math.min(latestMs, Math.max(soonestMs, waitedMs / 10)));
}
