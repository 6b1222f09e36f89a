import type { TemplateFilter, TemplateValue } from 'nunjitsu';
import { parseEntityReference } from './entity-reference.js';
import { replace } from './regex-replace.js';

/** Backstage's filters, and those of the interpreter's that we need otherwise. */
export const filters: Record<string, TemplateFilter> = {
  // What a form left empty reaches a skeleton as null, and is as good as missing.
  default: orElse,
  d: orElse,
  replace,
  parseRepoUrl: (input) => parseRepoUrl(text(input, 'parseRepoUrl')),
  parseEntityRef: (input, defaults) => parseEntityRef(text(input, 'parseEntityRef'), defaults),
  pick: (input, key) => pick(input, text(key, 'pick')),
  projectSlug: (input) => {
    const { owner, repo } = parseRepoUrl(text(input, 'projectSlug'));
    return `${owner ?? ''}/${repo ?? ''}`;
  },
};

function orElse(
  value: TemplateValue | undefined,
  fallback: TemplateValue | undefined,
  alsoForEmpty: TemplateValue | undefined,
): TemplateValue | undefined {
  return value === undefined || value === null || (alsoForEmpty === true && !value) ? fallback : value;
}

/** `host?owner=o&repo=r`, as a RepoUrlPicker gives it. */
function parseRepoUrl(input: string): Record<string, string> {
  const url = URL.parse(`https://${input}`);
  if (!url) throw new Error(`"${input}" is no repository location: expected host?owner=…&repo=…`);
  const parts: Record<string, string> = { host: url.host };
  for (const name of ['owner', 'repo', 'organization', 'workspace', 'project']) {
    const value = url.searchParams.get(name);
    if (value) parts[name] = value;
  }
  if (!parts['repo']) throw new Error(`"${input}" names no repository: expected host?owner=…&repo=…`);
  return parts;
}

function parseEntityRef(input: string, defaults: TemplateValue | undefined): Record<string, string> {
  const [defaultKind, defaultNamespace] = [optionalText(pick(defaults, 'defaultKind')), optionalText(pick(defaults, 'defaultNamespace'))];
  return { ...parseEntityReference(input, { defaultKind, defaultNamespace }) };
}

function pick(input: TemplateValue | undefined, key: string): TemplateValue | undefined {
  if (typeof input !== 'object' || input === null || !Object.hasOwn(input, key)) return undefined;
  return (input as Readonly<Record<string, TemplateValue>>)[key];
}

function optionalText(value: TemplateValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function text(value: TemplateValue | undefined, filter: string): string {
  if (typeof value !== 'string') throw new Error(`${filter} needs a text, not ${value === undefined ? 'nothing' : typeof value}`);
  return value;
}
