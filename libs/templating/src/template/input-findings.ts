import type { StepDefinition } from '@slipway/engine';
import { z } from 'zod';
import { hasTemplating } from '../expressions/tags.js';
import { errorAt, warningAt } from './finding.js';
import type { Finding, FindingPath } from './finding.js';
import { nearest } from './nearest.js';

/**
 * A step's input against the step's own schema, as far as it says now what it will be: whatever an expression takes
 * part in is left to the run.
 */
export function inputFindings(input: unknown, definition: StepDefinition, path: FindingPath): Finding[] {
  const issues = issuesOf(definition, input);
  return [
    ...issues.filter((issue) => isStatic(input, issue)).flatMap((issue) => findingsOf(issue, definition, input, path)),
    ...overlookedFindings(input, definition, path),
  ];
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

/** What a step that is not strict is given beyond what it knows. */
function overlookedFindings(input: unknown, definition: StepDefinition, path: FindingPath): Finding[] {
  if (!overlooks(definition.input) || typeof input !== 'object' || input === null || Array.isArray(input)) return [];
  const known = keysOf(definition.input);
  const extra = Object.keys(input).filter((key) => !known.includes(key));
  return extra.map((key) => {
    const meant = nearest(key, known.filter((name) => !has(input, name)));
    const hint = meant ? `; did you mean "${meant}"?` : ': nothing is done about it.';
    return warningAt([...path, key], 'input_overlooked', `${definition.id} takes no input "${key}"${hint}`);
  });
}

/** Whether a schema for an object drops what it does not know, instead of refusing or keeping it. */
function overlooks(schema: unknown): boolean {
  return schema instanceof z.ZodObject && schema.def.catchall === undefined;
}

/** The names a schema for an object knows; none when it is of another kind. */
export function keysOf(schema: unknown): string[] {
  const shape: unknown = typeof schema === 'object' && schema !== null ? Reflect.get(schema, 'shape') : undefined;
  return typeof shape === 'object' && shape !== null ? Object.keys(shape) : [];
}

function has(input: unknown, key: string): boolean {
  return typeof input === 'object' && input !== null && Object.hasOwn(input, key);
}
