import type { Plan } from '@slipway/engine';
import { hasTemplating } from '../expressions/tags.js';
import { isRemote } from '../files/source.js';
import type { RemoteContent, RemoteOptions } from './remote-content.js';

/**
 * The plan with every remote `fetch:*` bound to the commit that is there now, so that a branch that moves on changes no
 * run that was asked for. A url that an expression decides is known, and bound, only when its step runs.
 */
export async function pinPlan(plan: Plan, remote: Pick<RemoteContent, 'pin'>, options: RemoteOptions): Promise<Plan> {
  const steps = [];
  for (const step of plan.steps) {
    const { url } = step.input;
    const bound = step.action.startsWith('fetch:') && typeof url === 'string' && isRemote(url) && !hasTemplating(url);
    steps.push(bound ? { ...step, input: { ...step.input, url: await remote.pin(url, options) } } : step);
  }
  return { ...plan, steps };
}
