interface Rule {
  /** Absent: all. */
  reads?: boolean;
  /** Of the route, from its start. */
  path: RegExp;
  permission: string;
  /** A second one, beside it. */
  and?: string;
  /** Reading needs no more than `metadata`, which every installation has. */
  openToRead?: boolean;
}

/** The first that fits. Restated from GitHub's "Permissions required for GitHub Apps". */
const RULES: readonly Rule[] = [
  { path: /^\/orgs\/:org\/hooks/, permission: 'organization_hooks' },
  { path: /^\/orgs\/:org\/properties/, permission: 'organization_custom_properties' },
  { path: /^\/orgs\/:org\/actions/, permission: 'organization_administration' },
  { path: /^\/orgs\/:org\/packages/, permission: 'packages' },
  { path: /^\/orgs\/:org\/repos/, permission: 'administration', openToRead: true },
  { path: /^\/repos\/[^/]+\/[^/]+\/generate/, permission: 'administration' },
  { path: /^\/repos\/[^/]+\/[^/]+\/environments\/[^/]+\/(secrets|variables)/, permission: 'environments' },
  { path: /^\/repos\/[^/]+\/[^/]+\/environments/, reads: true, permission: 'actions' },
  { path: /^\/repos\/[^/]+\/[^/]+\/environments/, permission: 'administration' },
  { path: /^\/repos\/[^/]+\/[^/]+\/actions\/secrets/, permission: 'secrets' },
  { path: /^\/repos\/[^/]+\/[^/]+\/actions\/variables/, permission: 'actions_variables' },
  { path: /^\/repos\/[^/]+\/[^/]+\/actions/, permission: 'actions' },
  { path: /^\/repos\/[^/]+\/[^/]+\/check-runs/, permission: 'checks' },
  { path: /^\/repos\/[^/]+\/[^/]+\/hooks/, permission: 'repository_hooks' },
  { path: /^\/repos\/[^/]+\/[^/]+\/pulls\/:number\/merge/, permission: 'contents' },
  { path: /^\/repos\/[^/]+\/[^/]+\/pulls/, permission: 'pull_requests' },
  { path: /^\/repos\/[^/]+\/[^/]+\/(issues|labels)(\/|$)/, permission: 'issues' },
  { path: /^\/repos\/[^/]+\/[^/]+\/pages/, reads: true, permission: 'pages' },
  { path: /^\/repos\/[^/]+\/[^/]+\/pages/, permission: 'pages', and: 'administration' },
  { path: /^\/repos\/[^/]+\/[^/]+\/(keys|autolinks|branches\/:branch\/protection)(\/|$)/, permission: 'administration' },
  { path: /^\/repos\/[^/]+\/[^/]+\/properties/, permission: 'repository_custom_properties', openToRead: true },
  { path: /^\/repos\/[^/]+\/[^/]+\/(git|contents|commits|branches|tags|compare|releases)(\/|$)/, permission: 'contents' },
  { path: /^\/repos\//, permission: 'administration', openToRead: true },
];

/** All of them. `route` is the pattern that the router knows it by; none: open to every installation. */
export function requiredPermissions(method: string, route: string): { name: string; level: 'read' | 'write' }[] {
  const reads = method === 'GET' || method === 'HEAD';
  const rule = RULES.find((one) => one.path.test(route) && (one.reads === undefined || one.reads === reads));
  if (!rule || (reads && rule.openToRead)) return [];
  const names = [rule.permission, ...(rule.and === undefined ? [] : [rule.and])];
  return names.map((name) => ({ name, level: reads ? 'read' : 'write' }));
}
