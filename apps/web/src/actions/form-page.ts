import type { RJSFSchema, UiSchema } from '@rjsf/utils';
import type { FormPage } from '../api/actions.js';

/** A page as the form library wants it: what to accept apart from how to show it. */
export interface SplitPage {
  title: string;
  description: string;
  schema: RJSFSchema;
  uiSchema: UiSchema;
}

/** Authors write `ui:*` keys where they write the property. The page's own title is its heading, not the form's. */
export function splitPage(page: FormPage): SplitPage {
  const { title, description, ...rest } = page;
  const { schema, ui } = split(rest);
  return {
    title: typeof title === 'string' ? title : '',
    description: typeof description === 'string' ? description : '',
    schema: { type: 'object', ...schema },
    uiSchema: ui,
  };
}

/** Names of the properties that a page asks for, conditional ones included. */
export function propertyNames(schema: unknown): Set<string> {
  const names = new Set<string>();
  if (!isObject(schema)) return names;
  if (isObject(schema['properties'])) for (const name of Object.keys(schema['properties'])) names.add(name);
  for (const key of [...branchKeys, ...listKeys, 'dependencies']) {
    const below = schema[key];
    for (const part of key === 'dependencies' && isObject(below) ? Object.values(below) : [below].flat()) {
      for (const name of propertyNames(part)) names.add(name);
    }
  }
  return names;
}

const branchKeys = ['if', 'then', 'else'];
const listKeys = ['allOf', 'anyOf', 'oneOf'];

/** The widgets that the form library brings. A name it does not know would take the whole form down: such fields get the usual one. */
const knownWidgets = new Set(
  'checkbox checkboxes color date datetime email hidden password radio range select text textarea time updown uri'.split(' '),
);

interface Split {
  schema: Record<string, unknown>;
  ui: Record<string, unknown>;
}

function split(node: Record<string, unknown>): Split {
  const schema: Record<string, unknown> = {};
  const ui: Record<string, unknown> = {};
  if (isSecret(node)) ui['ui:widget'] = 'password';
  for (const [key, value] of Object.entries(node)) {
    if (key.startsWith('ui:')) {
      if (isUsable(key, value)) ui[key] = value;
    } else if (key === 'enumNames') {
      ui['ui:enumNames'] = value;
    } else if (key === 'properties' && isObject(value)) {
      schema[key] = mapChildren(value, ui);
    } else if (key === 'dependencies' && isObject(value)) {
      schema[key] = Object.fromEntries(Object.entries(value).map(([name, below]) => [name, inPlace(below, ui)]));
    } else if (key === 'items' && isObject(value)) {
      const items = split(value);
      schema[key] = items.schema;
      if (Object.keys(items.ui).length > 0) ui['items'] = items.ui;
    } else if (branchKeys.includes(key)) {
      schema[key] = inPlace(value, ui);
    } else if (listKeys.includes(key) && Array.isArray(value)) {
      schema[key] = value.map((part) => inPlace(part, ui));
    } else {
      schema[key] = value;
    }
  }
  return { schema, ui };
}

/** Not shown while it is typed, not among the parameters, and not kept by this page once it is sent. */
function isSecret(node: Record<string, unknown>): boolean {
  return node['ui:field'] === 'Secret' || node['ui:widget'] === 'secret';
}

function isUsable(key: string, value: unknown): boolean {
  if (key === 'ui:field') return false;
  return key !== 'ui:widget' || (typeof value === 'string' && knownWidgets.has(value));
}

function mapChildren(children: Record<string, unknown>, ui: Record<string, unknown>): Record<string, unknown> {
  const schemas: Record<string, unknown> = {};
  for (const [name, child] of Object.entries(children)) {
    if (!isObject(child)) {
      schemas[name] = child;
      continue;
    }
    const below = split(child);
    schemas[name] = below.schema;
    if (Object.keys(below.ui).length > 0) ui[name] = { ...(isObject(ui[name]) ? ui[name] : {}), ...below.ui };
  }
  return schemas;
}

/** A part that speaks of the same object: how its properties look is said beside how the others do. */
function inPlace(part: unknown, ui: Record<string, unknown>): unknown {
  if (!isObject(part)) return part;
  const below = split(part);
  Object.assign(ui, below.ui);
  return below.schema;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
