/**
 * Who may import whom: docs/decisions/0002-layers.md says why. Each rule names its libraries one by one, and
 * e2e/boundaries holds for each an example that must fail. `slipwayRules` is shared with that test.
 */

/** @type {Record<string, { folder: string, may: string[] }>} folder → which of our own folders it may import. */
const layers = {
  contracts: { folder: 'libs/contracts', may: [] },
  engine: { folder: 'libs/engine', may: ['libs/contracts'] },
  templating: { folder: 'libs/templating', may: ['libs/contracts', 'libs/engine'] },
  portal: { folder: 'libs/portal', may: ['libs/contracts', 'libs/engine', 'libs/templating'] },
  persistence: { folder: 'libs/persistence', may: ['libs/contracts', 'libs/engine', 'libs/templating', 'libs/portal'] },
  queue: { folder: 'libs/queue', may: ['libs/contracts', 'libs/engine'] },
  'provider-github': { folder: 'libs/providers/github', may: ['libs/contracts', 'libs/engine'] },
  'provider-kubernetes': { folder: 'libs/providers/kubernetes', may: ['libs/contracts', 'libs/engine'] },
  'provider-argocd': { folder: 'libs/providers/argocd', may: ['libs/contracts', 'libs/engine'] },
  'provider-akeyless': { folder: 'libs/providers/akeyless', may: ['libs/contracts', 'libs/engine'] },
  composition: {
    folder: 'libs/composition',
    may: [
      'libs/contracts',
      'libs/engine',
      'libs/templating',
      'libs/portal',
      'libs/providers/github',
      'libs/providers/kubernetes',
      'libs/providers/argocd',
      'libs/providers/akeyless',
    ],
  },
  api: {
    folder: 'apps/api',
    may: [
      'libs/contracts',
      'libs/engine',
      'libs/templating',
      'libs/portal',
      'libs/persistence',
      'libs/queue',
      'libs/composition',
      'libs/providers/github',
    ],
  },
  worker: {
    folder: 'apps/worker',
    may: ['libs/contracts', 'libs/engine', 'libs/templating', 'libs/portal', 'libs/persistence', 'libs/queue', 'libs/composition'],
  },
  cli: { folder: 'apps/cli', may: ['libs/contracts', 'libs/engine', 'libs/templating', 'libs/composition'] },
  web: { folder: 'apps/web', may: [] },
  sandbox: { folder: 'apps/sandbox', may: [] },
};

const packageOf = {
  'libs/providers/github': 'provider-github',
  'libs/providers/kubernetes': 'provider-kubernetes',
  'libs/providers/argocd': 'provider-argocd',
  'libs/providers/akeyless': 'provider-akeyless',
};

/** Both ways to reach a folder: its path, and its package (which the resolver may or may not follow to the path). */
function reach(folder) {
  return [`^${folder}/`, `^@slipway/${packageOf[folder] ?? folder.split('/').at(-1)}(/|$)`, `node_modules/@slipway/${packageOf[folder] ?? folder.split('/').at(-1)}(/|$)`];
}

const ours = Object.values(layers).map(({ folder }) => folder);

const layerRules = Object.entries(layers).map(([name, { folder, may }]) => ({
  name: `${name}-imports-only-its-own`,
  comment: `${folder} may import ${may.length > 0 ? may.join(', ') : 'none of our own'}.`,
  severity: 'error',
  from: { path: `^${folder}/` },
  to: { path: ours.filter((other) => other !== folder && !may.includes(other)).flatMap(reach) },
}));

const frameworks = ['@nestjs/', '@prisma/', 'prisma$', 'bullmq', 'ioredis', 'octokit', '@octokit/', '@kubernetes/', 'akeyless', 'pg$', 'fastify', 'mercurius'];

const pureRules = ['contracts', 'engine', 'templating', 'portal'].map((name) => ({
  name: `${name}-knows-no-framework`,
  comment: `libs/${name} knows no transport, storage, queue or provider client.`,
  severity: 'error',
  from: { path: `^libs/${name}/` },
  to: { path: frameworks.flatMap((library) => [`node_modules/${library}`, `^${library}`]) },
}));

export const slipwayRules = [
  ...layerRules,
  ...pureRules,
  {
    name: 'only-the-public-entry',
    comment: 'A library is imported by its package, never by a path into its sources.',
    severity: 'error',
    from: { path: '^(libs/(?:providers/)?[^/]+|apps/[^/]+)/' },
    to: { path: '^(libs/(?:providers/)?[^/]+|apps/[^/]+)/src/', pathNot: '^$1/', dependencyTypes: ['local'] },
  },
  {
    name: 'no-cycles',
    comment: 'Two files that need each other are one, or share a third.',
    severity: 'error',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'no-undeclared-packages',
    comment: 'What is imported stands in the package.json of whoever imports it.',
    severity: 'error',
    from: { path: '^(apps|libs)/', pathNot: '\\.spec\\.ts$|/testing/' },
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  },
];

export default {
  forbidden: slipwayRules,
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|generated)/' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['@slipway/source', 'import', 'node', 'default'] },
  },
};
