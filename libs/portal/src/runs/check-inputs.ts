import { type InputIssue, SlipwayError } from '@slipway/contracts';
import { checkParameters } from '@slipway/templating';
import type { StoredTemplate } from '../actions/action-store.js';
import { isStorable } from '../storable.js';

type Pages = StoredTemplate['document']['spec']['parameters'];

/** The values with their defaults; `invalid_input` with every fault at once. */
export function checkInputs(
  pages: Pages,
  properties: Record<string, unknown>,
  further: InputIssue[] = [],
): Record<string, unknown> {
  const { values, secrets, issues } = checkParameters(pages, properties);
  const all = [...issues, ...secretIssues(secrets), ...further];
  // Only what the check let through is known to be shallow enough to walk.
  if (all.length === 0) all.push(...unstorableIssues(values));
  // As it will be stored and read again: plain JSON.
  if (all.length === 0) return JSON.parse(JSON.stringify(values)) as Record<string, unknown>;
  const [first] = all;
  const message = all.length === 1 && first ? first.message : `${all.length} inputs break a rule.`;
  throw new SlipwayError('invalid_input', message, all);
}

/** A run's inputs are stored in clear, and a secret has no other place to rest yet. */
function secretIssues(secrets: Record<string, string>): InputIssue[] {
  return Object.keys(secrets).map((name) => ({
    path: `properties.${name}`,
    code: 'secret_unsupported',
    message: `${name} is a secret, and secrets cannot be typed into a form yet: give a secret reference instead.`,
  }));
}

function unstorableIssues(values: Record<string, unknown>): InputIssue[] {
  return Object.entries(values)
    .filter(([, value]) => !isStorable(value))
    .map(([name]) => ({ path: `properties.${name}`, code: 'characters', message: `${name} holds a NUL or broken Unicode.` }));
}
