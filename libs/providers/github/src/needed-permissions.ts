/** What the steps need of a GitHub App; docs/operating.md says what each is for. */
const neededPermissions: Readonly<Record<string, 'read' | 'write'>> = {
  actions: 'write',
  administration: 'write',
  contents: 'write',
  environments: 'write',
  metadata: 'read',
  packages: 'write',
  pull_requests: 'write',
  repository_hooks: 'write',
  secrets: 'write',
  workflows: 'write',
};

/** The same of a classic token, whose answers say what it has. Fine-grained tokens do not tell. */
const neededScopes: readonly string[] = ['delete:packages', 'delete_repo', 'repo', 'workflow'];

export function missingPermissions(granted: Readonly<Record<string, string | undefined>>): string[] {
  const levels = ['read', 'write', 'admin'];
  return Object.entries(neededPermissions).flatMap(([name, level]) =>
    levels.indexOf(granted[name] ?? '') >= levels.indexOf(level) ? [] : [`${name}: ${level}`],
  );
}

/** `header` is `x-oauth-scopes`, which only a classic token is answered with. */
export function missingScopes(header: string | number | undefined): string[] {
  if (header === undefined) return [];
  const held = String(header).split(/\s*,\s*/);
  return neededScopes.filter((scope) => !held.includes(scope));
}
