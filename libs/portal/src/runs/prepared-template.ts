import { SlipwayError } from '@slipway/contracts';
import type { Plan, Registry } from '@slipway/engine';
import { compilePlan, documentFindings } from '@slipway/templating';
import type { ActionRecord, StoredTemplate } from '../actions/action-store.js';

/** A template ready for requests. A form's pages are compiled once per object, so the document stays the same object. */
export interface PreparedTemplate {
  template: StoredTemplate;
  plan: Plan;
}

interface Kept extends PreparedTemplate {
  /** Those whose steps can do what the plan asks for. */
  accepted: WeakSet<Registry>;
}

const mostKept = 200;
const kept = new Map<string, Kept>();

/**
 * By the archive's digest, so a changed template is another one. Throws `conflict` with every fault of the plan: the
 * template was in order when it was stored, but an integration may be gone, or its steps may take other inputs now.
 */
export function prepareTemplate(action: ActionRecord, registry: Registry): PreparedTemplate {
  const key = `${action.templateDigest} ${action.identifier}`;
  const prepared = kept.get(key) ?? keep(key, { template: action.template, plan: compilePlan(action.template), accepted: new WeakSet() });
  if (!prepared.accepted.has(registry)) refuseFaults(action, registry);
  prepared.accepted.add(registry);
  return prepared;
}

function refuseFaults(action: ActionRecord, registry: Registry): void {
  const faults = documentFindings(action.template.document, registry).filter(({ severity }) => severity === 'error');
  if (faults.length === 0) return;
  const what = faults.map(({ message }) => message).join(' ');
  throw new SlipwayError(
    'conflict',
    `"${action.identifier}" cannot run here: ${what}`,
    faults.map(({ path, code, message }) => ({ path, code, message })),
  );
}

function keep(key: string, prepared: Kept): Kept {
  const oldest = kept.keys().next();
  if (kept.size >= mostKept && !oldest.done) kept.delete(oldest.value);
  kept.set(key, prepared);
  return prepared;
}
