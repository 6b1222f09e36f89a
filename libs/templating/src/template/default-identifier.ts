import type { FormPage } from '@slipway/contracts';
import type { AnySchemaObject } from 'ajv';
import { entriesOfPages } from '../parameters/parameter-pages.js';

const usual = ['app_name', 'name', 'component_id', 'componentId', 'component_name', 'componentName', 'service_name', 'serviceName'];

/**
 * What a CREATE is called when its template does not say: Backstage knows no such thing, so it is the parameter that
 * usually holds the name, else the repository, else a text that must be given, rather one that ends in "name" and than one that
 * has a default, else the template's own name. One that may be left out is taken only where there is no other.
 */
export function defaultIdentifier(templateName: string, pages: readonly FormPage[]): string {
  const entries = entriesOfPages(pages);
  const required = new Set(pages.flatMap(({ required: names }) => (Array.isArray(names) ? (names as unknown[]) : [])));
  const isThere = (name: string): boolean => required.has(name) || entries.get(name)?.['default'] !== undefined;
  const known = usual.filter((name) => entries.get(name)?.['type'] === 'string');
  const named = known.find(isThere);
  if (named) return `\${{ parameters.${named} }}`;
  const repository = [...entries].find(([, property]) => property['ui:field'] === 'RepoUrlPicker')?.[0];
  if (repository) return `\${{ parameters['${repository}'] | parseRepoUrl | pick('repo') | lower }}`;
  const texts = [...entries].filter(([name, property]) => required.has(name) && isFreeText(property));
  const ofNames = texts.filter(([name]) => /name$/i.test(name));
  const open = texts.filter(([, property]) => property['default'] === undefined);
  const text = [...ofNames, ...open, ...texts].map(([name]) => name)[0] ?? known[0];
  return text ? `\${{ parameters['${text}'] }}` : templateName.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

function isFreeText(property: AnySchemaObject): boolean {
  return property['type'] === 'string' && property['enum'] === undefined && property['ui:field'] === undefined;
}
