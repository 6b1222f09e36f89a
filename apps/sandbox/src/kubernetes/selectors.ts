import type { KubernetesObject } from '../cluster.js';
import { badRequest } from './api-error.js';
import { at, textMapAt } from './json.js';

export type Selector = (object: KubernetesObject) => boolean;

/** `a=b,c!=d,e in (f,g),h notin (i),j,!k`. @throws ApiError 400 */
export function labelSelector(text: string): Selector {
  const terms = splitTerms(text).map(labelTerm);
  return (object) => terms.every((matches) => matches(object.metadata.labels ?? {}));
}

/** `metadata.name=a,status.phase!=b`. @throws ApiError 400 */
export function fieldSelector(text: string): Selector {
  const terms = splitTerms(text).map((term) => {
    const match = /^([\w.]+)\s*(==|=|!=)\s*(.*)$/.exec(term);
    if (!match) throw badRequest(`unable to parse field selector: invalid selector: '${term}'; can't understand '${term}'`);
    const [, path = '', operator, wanted] = match;
    return (object: KubernetesObject) => (fieldText(at(object, ...path.split('.'))) === wanted) === (operator !== '!=');
  });
  return (object) => terms.every((matches) => matches(object));
}

/** Whether a workload's or service's `matchLabels` (or plain map) selects these labels. An empty map selects nothing here. */
export function selects(wanted: Record<string, string>, object: KubernetesObject): boolean {
  const labels = textMapAt(object, 'metadata', 'labels');
  const entries = Object.entries(wanted);
  return entries.length > 0 && entries.every(([key, value]) => labels[key] === value);
}

function labelTerm(term: string): (labels: Record<string, string>) => boolean {
  const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(term);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    if (operator === 'in') return (labels) => key in labels && values.includes(labels[key] ?? '');
    return (labels) => !(key in labels) || !values.includes(labels[key] ?? '');
  }
  const equality = /^([^\s=!]+)\s*(==|=|!=)\s*(\S*)$/.exec(term);
  if (equality) {
    const [, key = '', operator, value] = equality;
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const existence = /^(!?)\s*([\w./-]+)$/.exec(term);
  if (!existence) throw badRequest(`unable to parse requirement: found '${term}', expected: identifier`);
  const [, negated, key = ''] = existence;
  return (labels) => key in labels === (negated === '');
}

function fieldText(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** At commas outside parentheses. */
function splitTerms(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '');
}
