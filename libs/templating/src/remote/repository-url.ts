/** A repository as people copy its address from a browser. */
export interface RepositoryUrl {
  /** What git clones. */
  clone: string;
  /** Branch, tag or commit, and the path behind it; null: all of the default branch. */
  rest: string | null;
  /** The same address with a commit in place of branch or tag. */
  pinned(commit: string, path: string): string;
}

// GitHub and Gitea, GitLab, Bitbucket.
const shapes = [
  /^(?<repository>\/[^/]+\/[^/]+)\/(?<kind>tree|blob|raw)\/(?<rest>.+)$/,
  /^(?<repository>\/.+?)\/-\/(?<kind>tree|blob|raw)\/(?<rest>.+)$/,
  /^(?<repository>\/[^/]+\/[^/]+)\/src\/(?:branch\/|tag\/|commit\/)?(?<rest>.+)$/,
];

/** Null for an address that is no repository's: a plain file's. */
export function parseRepositoryUrl(url: string): RepositoryUrl | null {
  const parsed = URL.parse(url);
  if (!parsed) return null;
  const path = decoded(parsed.pathname.replace(/\/+$/, ''));
  for (const shape of shapes) {
    const { repository, rest, kind } = shape.exec(path)?.groups ?? {};
    if (repository && rest) return repositoryUrl(parsed.origin, repository, rest, `${shape === shapes[1] ? '/-' : ''}/${kind ?? 'src'}`);
  }
  return /^\/[^/]+(\/[^/]+)+(\.git)?$/.test(path) && (path.endsWith('.git') || path.split('/').length === 3)
    ? repositoryUrl(parsed.origin, path, null, '/tree')
    : null;
}

function repositoryUrl(origin: string, repository: string, rest: string | null, infix: string): RepositoryUrl {
  const bare = repository.replace(/\.git$/, '');
  return {
    clone: `${origin}${encodeURI(bare)}.git`,
    rest,
    pinned: (commit, path) => `${origin}${encodeURI(`${bare}${infix}/${commit}${path ? `/${path}` : ''}`)}`,
  };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
