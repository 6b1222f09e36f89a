import { errorAt, warningAt } from './finding.js';
import type { Finding, FindingPath } from './finding.js';
import { nearest } from './nearest.js';
import { retryKeys, specKeys, stepKeys } from './template-document.js';

const topKeys = ['apiVersion', 'kind', 'metadata', 'spec', 'relations', 'status'];

/** A misspelt key in a step would silently change what the run does, so it is an error there; elsewhere a warning. */
export function unknownKeyFindings(value: unknown): Finding[] {
  const spec = field(value, 'spec');
  const findings: Finding[] = [
    ...unknown(value, [], topKeys, warningAt),
    ...unknown(spec, ['spec'], specKeys, warningAt),
    ...unheeded(field(spec, 'parameters'), ['spec', 'parameters']),
  ];
  const steps = field(spec, 'steps');
  for (const [index, step] of (Array.isArray(steps) ? steps : []).entries()) {
    const path = ['spec', 'steps', index];
    findings.push(...unknown(step, path, stepKeys, errorAt));
    findings.push(...unknown(field(step, 'retry'), [...path, 'retry'], retryKeys, errorAt));
    findings.push(...unheeded(step, path));
  }
  return findings;
}

function unknown(value: unknown, path: FindingPath, known: readonly string[], finding: typeof errorAt): Finding[] {
  const findings: Finding[] = [];
  for (const key of keysOf(value)) {
    if (known.includes(key)) continue;
    const meant = nearest(key, known);
    const hint = meant ? `; did you mean "${meant}"?` : `. Known are: ${known.join(', ')}.`;
    findings.push(finding([...path, key], 'unknown_key', `"${key}" is not known here${hint}`));
  }
  return findings;
}

const meanings: Record<string, string> = {
  'backstage:featureFlag': 'there are no feature flags here, so it is shown to everybody',
  'backstage:permissions': 'who may ask for an action is decided by the action, so it is shown to everybody who may',
};

/** What Backstage heeds and we do not. In a step's input such a name would be the step's own affair. */
function unheeded(value: unknown, path: FindingPath): Finding[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const at = [...path, key];
    if (key === 'input') return [];
    const meaning = meanings[key];
    return meaning ? [warningAt(at, 'backstage_key', `"${key}" says nothing here: ${meaning}.`)] : unheeded(item, at);
  });
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function keysOf(value: unknown): string[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}
