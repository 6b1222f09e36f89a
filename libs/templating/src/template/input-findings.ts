import type { StepDefinition } from '@slipway/engine';
import type { z } from 'zod';
import { hasTemplating } from '../expressions/tags.js';
import { errorAt } from './finding.js';
import type { Finding, FindingPath } from './finding.js';
import { nearest } from './nearest.js';

/**
 * A step's input against the step's own schema, as far as it says now what it will be: whatever an expression takes
 * part in is left to the run.
 */
export function inputFindings(input: unknown, definition: StepDefinition, path: FindingPath): Finding[] {
  const issues = issuesOf(definition, input);
  return issues.filter((issue) => isStatic(input, issue)).flatMap((issue) => findingsOf(issue, definition, input, path));
}

function issuesOf(definition: Partial<StepDefinition>, input: unknown): z.core.$ZodIssue[] {
  try {
    return definition.input?.safeParse(input).error?.issues ?? [];
  } catch {
    // A schema that can only be asked while a run goes on has nothing to say before.
    return [];
  }
}

/** A key too many stays one, whatever the other values become. */
function isStatic(input: unknown, issue: z.core.$ZodIssue): boolean {
  let value = input;
  for (const part of issue.path) {
    if (isDynamic(value)) return false;
    value = typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined;
  }
  return issue.code === 'unrecognized_keys' ? !isDynamic(value) : !holdsDynamic(value);
}

function isDynamic(value: unknown): boolean {
  return typeof value === 'string' && hasTemplating(value);
}

function holdsDynamic(value: unknown): boolean {
  return isDynamic(value) || (typeof value === 'object' && value !== null && Object.values(value).some(holdsDynamic));
}

function findingsOf(issue: z.core.$ZodIssue, definition: StepDefinition, input: unknown, path: FindingPath): Finding[] {
  const at = [...path, ...(issue.path as FindingPath)];
  if (issue.code !== 'unrecognized_keys')
    return [errorAt(at, 'input_invalid', `${definition.id}: ${String(issue.path.at(-1) ?? 'input')}: ${issue.message}.`)];
  return issue.keys.map((key) => {
    const meant = issue.path.length === 0 ? nearest(key, keysOf(definition.input).filter((known) => !has(input, known))) : undefined;
    const hint = meant ? `; did you mean "${meant}"?` : '.';
    return errorAt([...at, key], 'input_unknown', `${definition.id} takes no input "${key}"${hint}`);
  });
}

/** The names a schema for an object knows; none when it is of another kind. */
export function keysOf(schema: unknown): string[] {
  const shape: unknown = typeof schema === 'object' && schema !== null ? Reflect.get(schema, 'shape') : undefined;
  return typeof shape === 'object' && shape !== null ? Object.keys(shape) : [];
}

function has(input: unknown, key: string): boolean {
  return typeof input === 'object' && input !== null && Object.hasOwn(input, key);
}
