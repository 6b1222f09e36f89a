import type { FormPage } from '@slipway/contracts';
import { entriesOfPages, isRecord, mentionsIn } from './parameter-pages.js';

/**
 * The fields whose values are secrets (`ui:field: Secret`, or its widget): expressions read them as
 * `secrets.NAME`, and no value of theirs may rest in clear anywhere.
 */
export function secretFields(pages: readonly FormPage[]): Set<string> {
  // One mention is enough: a branch may say of a field that it is one.
  return new Set(pages.flatMap(mentionsIn).flatMap(([name, property]) => (isSecret(property) ? [name] : [])));
}

/** Secret fields inside of others, as paths: a form of theirs could not be told from ordinary values. */
export function nestedSecrets(pages: readonly FormPage[]): string[] {
  return [...entriesOfPages(pages)].flatMap(([name, property]) => secretsBelow(property, name));
}

function secretsBelow(schema: unknown, path: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => [
    ...(isSecret(value) ? [`${path}.${key}`] : []),
    ...secretsBelow(value, `${path}.${key}`),
  ]);
}

function isSecret(property: unknown): boolean {
  return isRecord(property) && (property['ui:field'] === 'Secret' || property['ui:widget'] === 'secret');
}
