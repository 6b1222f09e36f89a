import { at, isObject, listAt, textAt } from '../json.js';
import { typeOf } from '../resource-types.js';
import type { Api } from '../write-object.js';

/** The environment variables of a container, as its process would see them. Missing references are left out. */
export function environmentOf(api: Api, namespace: string, container: unknown): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const source of listAt(container, 'envFrom')) {
    const prefix = textAt(source, 'prefix') ?? '';
    for (const [kind, field] of [
      ['ConfigMap', 'configMapRef'],
      ['Secret', 'secretRef'],
    ] as const) {
      const name = textAt(source, field, 'name');
      if (name === undefined) continue;
      for (const [key, value] of Object.entries(dataOf(api, kind, namespace, name))) variables[`${prefix}${key}`] = value;
    }
  }
  for (const variable of listAt(container, 'env')) {
    const name = textAt(variable, 'name');
    const value = textAt(variable, 'value') ?? valueFrom(api, namespace, at(variable, 'valueFrom'));
    if (name !== undefined && value !== undefined) variables[name] = expand(value, variables);
  }
  return variables;
}

function valueFrom(api: Api, namespace: string, source: unknown): string | undefined {
  for (const [kind, field] of [
    ['Secret', 'secretKeyRef'],
    ['ConfigMap', 'configMapKeyRef'],
  ] as const) {
    const name = textAt(source, field, 'name');
    if (name !== undefined) return dataOf(api, kind, namespace, name)[textAt(source, field, 'key') ?? ''];
  }
  return undefined;
}

function dataOf(api: Api, kind: 'Secret' | 'ConfigMap', namespace: string, name: string): Record<string, string> {
  const data = at(api.objects.get(typeOf(kind), namespace, name), 'data');
  if (!isObject(data)) return {};
  const decode = (value: unknown) => (kind === 'Secret' ? Buffer.from(String(value), 'base64').toString() : String(value));
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, decode(value)]));
}

/** `$(NAME)` stands for an earlier variable, `$$(NAME)` for itself. */
function expand(value: string, variables: Record<string, string>): string {
  return value.replace(/\$(\$)?\((\w+)\)/g, (all, escaped: string | undefined, name: string) =>
    escaped ? all.slice(1) : (variables[name] ?? all),
  );
}
