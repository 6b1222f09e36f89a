/** What Backstage points to an entity with. */
export interface EntityReference {
  kind: string;
  namespace: string;
  name: string;
}

export interface ReferenceDefaults {
  defaultKind?: string | undefined;
  defaultNamespace?: string | undefined;
}

/** `[kind:][namespace/]name`; what is missing comes from the defaults. Throws where there is no name, or no kind. */
export function parseEntityReference(text: string, { defaultKind, defaultNamespace }: ReferenceDefaults = {}): EntityReference {
  const [, kind = defaultKind, namespace = defaultNamespace ?? 'default', name] = /^(?:([^:/]+):)?(?:([^:/]+)\/)?([^:/]+)$/.exec(text) ?? [];
  if (!name || !kind) throw new Error(`"${text.slice(0, 200)}" is no entity reference: expected kind:namespace/name`);
  return { kind, namespace, name };
}
