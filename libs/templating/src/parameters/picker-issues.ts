import type { InputIssue } from '@slipway/contracts';
import type { AnySchemaObject } from 'ajv';
import { isRecord } from './parameter-pages.js';

/** What Backstage's own fields ask of their values and check in the browser alone. */
export function pickerIssues(values: Record<string, unknown>, entries: ReadonlyMap<string, AnySchemaObject>): InputIssue[] {
  return [...entries].flatMap(([name, property]) => {
    const value = values[name];
    if (typeof value !== 'string' || value === '') return [];
    const wrong = faultOf(value, property);
    if (!wrong) return [];
    const title: unknown = property['title'];
    const message = `${typeof title === 'string' ? title : name} ${wrong}.`;
    return [{ path: `properties.${name}`, code: 'field', message }];
  });
}

function faultOf(value: string, property: AnySchemaObject): string | null {
  const options: unknown = property['ui:options'];
  switch (property['ui:field']) {
    case 'RepoUrlPicker':
      return repoUrlFault(value, isRecord(options) ? options : {});
    case 'EntityNamePicker':
      return /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(value)
        ? null
        : 'must begin and end with a letter or digit, hold only letters, digits, "-", "_" and ".", and have at most 63 characters';
    default:
      return null;
  }
}

function repoUrlFault(value: string, options: Record<string, unknown>): string | null {
  const url = value.length <= 2_048 ? URL.parse(`https://${value}`) : null;
  const repo = url?.searchParams.get('repo');
  if (!url || !repo) return 'must name a repository as host?owner=…&repo=…';
  const choices: [string, string, string | null][] = [
    ['allowedHosts', 'host', url.host],
    ['allowedOwners', 'owner', url.searchParams.get('owner')],
    ['allowedOrganizations', 'organization', url.searchParams.get('organization')],
    ['allowedProjects', 'project', url.searchParams.get('project')],
    ['allowedRepos', 'repository', repo],
  ];
  for (const [option, what, given] of choices) {
    const allowed = options[option];
    if (Array.isArray(allowed) && allowed.length > 0 && !allowed.includes(given)) return `must have the ${what} ${allowed.join(' or ')}`;
  }
  return null;
}
