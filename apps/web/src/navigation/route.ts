/** The portal's addresses. Each page knows itself by its route alone, so every address can be shared and reloaded. */
export type Route =
  | { page: 'catalogue' }
  | { page: 'action'; action: string; entity: string | null }
  | { page: 'run'; run: string }
  | { page: 'entity'; blueprint: string; entity: string }
  | { page: 'missing' };

export function routeOf(pathname: string, search: string): Route {
  const parts = decodeParts(pathname);
  if (!parts) return { page: 'missing' };
  const [first, second, third] = parts;
  if (parts.length === 0) return { page: 'catalogue' };
  if (first === 'actions' && second && parts.length === 2) return { page: 'action', action: second, entity: new URLSearchParams(search).get('entity') };
  if (first === 'runs' && second && parts.length === 2) return { page: 'run', run: second };
  if (first === 'entities' && second && third && parts.length === 3) return { page: 'entity', blueprint: second, entity: third };
  return { page: 'missing' };
}

export function actionPath(action: string, entity?: string): string {
  return `/actions/${encodeURIComponent(action)}${entity === undefined ? '' : `?${new URLSearchParams({ entity })}`}`;
}

export function runPath(run: string): string {
  return `/runs/${encodeURIComponent(run)}`;
}

export function entityPath({ blueprint, identifier }: { blueprint: string; identifier: string }): string {
  return `/entities/${encodeURIComponent(blueprint)}/${encodeURIComponent(identifier)}`;
}

/** Where `kind:namespace/name` leads, as a template's output names an entity; null where that is no such reference. */
export function referencePath(entityRef: string | null | undefined): string | null {
  const [, blueprint, identifier] = /^([^:/]+):(?:[^:/]+\/)?([^:/]+)$/.exec(entityRef ?? '') ?? [];
  return blueprint && identifier ? entityPath({ blueprint, identifier }) : null;
}

function decodeParts(pathname: string): string[] | null {
  try {
    return pathname.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    return null;
  }
}
