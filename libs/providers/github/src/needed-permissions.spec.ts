import { missingPermissions, missingScopes } from './needed-permissions.js';

const all = {
  ...{ actions: 'write', administration: 'write', contents: 'write', environments: 'write', metadata: 'read', packages: 'write' },
  ...{ pull_requests: 'write', repository_hooks: 'write', secrets: 'write', workflows: 'write' },
};

describe('what an App or a token lacks', () => {
  it.each<[string, Record<string, string>, string[]]>([
    ['all it needs', all, []],
    ['more than it needs', { ...all, administration: 'admin', members: 'read' }, []],
    ['one that only reads', { ...all, contents: 'read' }, ['contents: write']],
    ['one that is absent', Object.fromEntries(Object.entries(all).filter(([name]) => name !== 'workflows')), ['workflows: write']],
  ])('App with %s', (_title, granted, missing) => {
    expect(missingPermissions(granted)).toEqual(missing);
  });

  it.each<[string, string | undefined, string[]]>([
    ['all', 'repo,  workflow, delete_repo, delete:packages, gist', []],
    ['few', 'repo', ['delete:packages', 'delete_repo', 'workflow']],
    ['none', '', ['delete:packages', 'delete_repo', 'repo', 'workflow']],
    ['those it does not tell', undefined, []],
  ])('token with %s of its scopes', (_title, header, missing) => {
    expect(missingScopes(header)).toEqual(missing);
  });
});
