import type { FormPage } from '@slipway/contracts';
import type { AnySchemaObject } from 'ajv';
import { entriesOfPages } from '../parameters/parameter-pages.js';

const usual = ['app_name', 'name', 'component_id', 'componentId', 'component_name', 'componentName', 'service_name', 'serviceName'];

/**
 * What a CREATE is called when its template does not say: Backstage knows no such thing, so it is the parameter that
 * usually holds the name, else the repository, else the first text that must be given, else the template's own name.
 */
export function defaultIdentifier(templateName: string, pages: readonly FormPage[]): string {
  const entries = entriesOfPages(pages);
  const named = usual.find((name) => entries.get(name)?.['type'] === 'string');
  if (named) return `\${{ parameters.${named} }}`;
  const repository = [...entries].find(([, property]) => property['ui:field'] === 'RepoUrlPicker')?.[0];
  if (repository) return `\${{ parameters['${repository}'] | parseRepoUrl | pick('repo') | lower }}`;
  const required = pages.flatMap(({ required: names }) => (Array.isArray(names) ? (names as unknown[]) : []));
  const text = [...entries].find(([name, property]) => required.includes(name) && isFreeText(property))?.[0];
  return text ? `\${{ parameters['${text}'] }}` : templateName.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

function isFreeText(property: AnySchemaObject): boolean {
  return property['type'] === 'string' && property['enum'] === undefined && property['ui:field'] === undefined;
}
