import type { AnySchemaObject } from 'ajv';
import { isRecord } from './parameter-pages.js';
import { compileSchema } from './schema-compiler.js';

/**
 * Fills in, in place, what the schemas give as defaults: those of dependencies, conditions and the chosen branch of a
 * `oneOf` too, as a form does. A condition on one page may look at a default of another, so it goes round until nothing
 * changes.
 */
export function applyDefaults(schemas: readonly AnySchemaObject[], values: Record<string, unknown>): void {
  for (let round = 0; round < 4; round++) {
    const before = JSON.stringify(values);
    for (const schema of schemas) fillIn(schema, values);
    if (JSON.stringify(values) === before) return;
  }
}

function fillIn(schema: unknown, values: unknown): void {
  if (!isRecord(schema)) return;
  if (Array.isArray(values)) return values.forEach((item) => fillIn(schema['items'], item));
  if (!isRecord(values)) return;
  for (const [name, property] of Object.entries(recordAt(schema, 'properties'))) {
    if (values[name] === undefined && isRecord(property) && property['default'] !== undefined)
      values[name] = structuredClone(property['default']);
    fillIn(property, values[name]);
  }
  for (const part of branchesThatApply(schema, values)) fillIn(part, values);
}

function branchesThatApply(schema: Record<string, unknown>, values: Record<string, unknown>): unknown[] {
  const dependent = { ...recordAt(schema, 'dependencies'), ...recordAt(schema, 'dependentSchemas') };
  const applying: unknown[] = Object.entries(dependent).flatMap(([name, part]) => (values[name] === undefined ? [] : [part]));
  if (Array.isArray(schema['allOf'])) applying.push(...(schema['allOf'] as unknown[]));
  if (schema['if'] !== undefined) applying.push(holds(schema['if'], values) ? schema['then'] : schema['else']);
  for (const keyword of ['oneOf', 'anyOf']) {
    const branches: unknown = schema[keyword];
    const fitting = Array.isArray(branches) ? branches.filter((branch) => fits(branch, values)) : [];
    if (fitting.length === 1) applying.push(fitting[0]);
  }
  return applying;
}

/** Whether nothing that is there speaks against the branch; what it requires may still be missing. */
function fits(branch: unknown, values: Record<string, unknown>): boolean {
  if (!isRecord(branch)) return false;
  return Object.entries(recordAt(branch, 'properties')).every(
    ([name, property]) => values[name] === undefined || holds(property, values[name]),
  );
}

function holds(schema: unknown, value: unknown): boolean {
  if (typeof schema === 'boolean') return schema;
  return isRecord(schema) && compileSchema(schema)(value);
}

function recordAt(schema: Record<string, unknown>, key: string): Record<string, unknown> {
  return isRecord(schema[key]) ? schema[key] : {};
}
