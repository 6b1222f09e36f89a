import { type InputIssue, SlipwayError } from '@slipway/contracts';
import { checkRequest, type CheckedParameters, type GivenInputs } from '@slipway/templating';
import type { StoredTemplate } from '../actions/action-store.js';
import { isStorable } from '../storable.js';

type Form = StoredTemplate['document']['spec'];

/** The values with their defaults, and the secrets apart from them; `invalid_input` with every fault at once. */
export function checkInputs(form: Form, given: GivenInputs, further: InputIssue[] = []): { inputs: Record<string, unknown>; secrets: CheckedParameters['secrets'] } {
  const { values, secrets, issues } = checkRequest(form, given);
  const all = [...issues, ...further];
  // Only what the check let through is known to be shallow enough to walk.
  if (all.length === 0) all.push(...unstorableIssues(values));
  refuseIssues(all);
  // As it will be stored and read again: plain JSON.
  return { inputs: JSON.parse(JSON.stringify(values)) as Record<string, unknown>, secrets };
}

export function refuseIssues(issues: InputIssue[]): void {
  const [first, ...more] = issues;
  if (!first) return;
  throw new SlipwayError('invalid_input', more.length === 0 ? first.message : `${issues.length} inputs break a rule.`, issues);
}

function unstorableIssues(values: Record<string, unknown>): InputIssue[] {
  return Object.entries(values)
    .filter(([, value]) => !isStorable(value))
    .map(([name]) => ({ path: `properties.${name}`, code: 'characters', message: `${name} holds a NUL or broken Unicode.` }));
}
