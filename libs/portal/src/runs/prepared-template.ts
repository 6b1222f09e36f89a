import { SlipwayError } from '@slipway/contracts';
import type { Plan, Registry } from '@slipway/engine';
import { compilePlan } from '@slipway/templating';
import type { ActionRecord, StoredTemplate } from '../actions/action-store.js';

/** A template ready for requests. A form's pages are compiled once per object, so the document stays the same object. */
export interface PreparedTemplate {
  template: StoredTemplate;
  plan: Plan;
}

const mostKept = 200;
const kept = new Map<string, PreparedTemplate>();

/** By the archive's digest, so a changed template is another one. Throws `conflict` when the plan needs what is not here. */
export function prepareTemplate(action: ActionRecord, registry: Registry): PreparedTemplate {
  const key = `${action.templateDigest} ${action.identifier}`;
  const prepared = kept.get(key) ?? keep(key, { template: action.template, plan: compilePlan(action.template) });
  const missing = new Set(prepared.plan.steps.map((step) => step.action).filter((id) => !registry.step(id)));
  if (missing.size > 0) {
    throw new SlipwayError(
      'conflict',
      `"${action.identifier}" cannot run here: its steps use ${[...missing].join(', ')}, which no configured provider offers.`,
    );
  }
  return prepared;
}

function keep(key: string, prepared: PreparedTemplate): PreparedTemplate {
  const oldest = kept.keys().next();
  if (kept.size >= mostKept && !oldest.done) kept.delete(oldest.value);
  kept.set(key, prepared);
  return prepared;
}
