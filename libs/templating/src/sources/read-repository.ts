import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpack } from '../workspace/archive.js';

/** A repository that the operator has configured, and so one that may lie anywhere; templates' own fetches are bounded otherwise. */
export interface RepositorySource {
  url: string;
  /** Branch or tag. */
  reference: string;
  /** From the repository's root. */
  path: string;
  token?: string | undefined;
}

export interface SourceCommit {
  sha: string;
  author: string;
  message: string;
  /** ISO 8601 with an offset. */
  at: string;
}

const patienceMs = 120_000;
const mostBytes = 256 * 1024 * 1024;

/** Hands over the folder at the reference's commit; null, with nothing fetched, where that is `knownCommit` still. */
export async function readRepository<T>(
  source: RepositorySource,
  knownCommit: string | null,
  use: (folder: string, commit: SourceCommit) => Promise<T>,
): Promise<T | null> {
  const place = await mkdtemp(join(tmpdir(), 'slipway-source-'));
  try {
    const git = (args: string[]): Promise<Buffer> => runGit(args, place, source);
    const sha = await commitAt(git, source);
    if (sha === knownCommit) return null;
    await git(['init', '--quiet', '--bare', '.']);
    await git(['fetch', '--quiet', '--depth=1', '--no-tags', '--no-recurse-submodules', '--', source.url, sha]);
    const [author = '', at = '', message = ''] = (await git(['log', '-1', '--format=%an%x00%aI%x00%s', sha])).toString().trim().split('\0');
    const subfolder = source.path.replace(/^(\.?\/)+|\/+$|^\.$/g, '');
    // Nothing is checked out, so that no hook, filter or attribute of the repository gets to do anything.
    const archive = await git(['archive', '--format=tar.gz', subfolder === '' ? sha : `${sha}:${subfolder}`]);
    const folder = join(place, 'template');
    await mkdir(folder);
    await unpack(archive, folder);
    return await use(folder, { sha, author, message, at });
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** A branch before a tag of the same name, and of an annotated tag the commit it points to. */
async function commitAt(git: (args: string[]) => Promise<Buffer>, { url, reference }: RepositorySource): Promise<string> {
  const wanted = [`refs/heads/${reference}`, `refs/tags/${reference}^{}`, `refs/tags/${reference}`];
  const lines = (await git(['ls-remote', '--', url])).toString('utf8').split('\n').map((line) => line.split('\t'));
  const found = wanted.map((ref) => lines.find(([, name]) => name === ref)?.[0]).find((sha) => sha !== undefined);
  if (found === undefined) throw new Error(`${url} has no branch or tag "${reference}".`);
  return found;
}

function runGit(args: string[], folder: string, { url, token }: RepositorySource): Promise<Buffer> {
  const options = { cwd: folder, env: environment(folder, url, token), encoding: 'buffer', timeout: patienceMs, maxBuffer: mostBytes } as const;
  return new Promise((resolve, reject) => {
    execFile('git', args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const said = stderr.toString('utf8').trim().split('\n').at(-1) || error.message;
      reject(new Error(error.code === 'ENOENT' ? 'There is no git on this machine.' : `git could not read ${url}: ${said}`, { cause: error }));
    });
  });
}

/** No configuration, hook, helper or prompt of this machine takes part; the token is in no argument and no file. */
function environment(folder: string, url: string, token: string | undefined): NodeJS.ProcessEnv {
  const settings: Record<string, string> = {
    'protocol.allow': 'never',
    'protocol.https.allow': 'always',
    'protocol.http.allow': 'always',
    'protocol.file.allow': 'always',
    // Git would send the token to wherever a redirect leads.
    'http.followRedirects': 'false',
    'core.hooksPath': '/dev/null',
    // A bare repository of another user's is still one that the operator named.
    'safe.directory': '*',
  };
  if (token !== undefined) {
    const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
    settings[`http.${new URL(url).origin}/.extraHeader`] = `Authorization: Basic ${basic}`;
  }
  const pairs = Object.entries(settings).flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  const kept = ['PATH', 'HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'https_proxy', 'http_proxy', 'no_proxy', 'SSL_CERT_FILE', 'GIT_SSL_CAINFO'];
  return {
    ...Object.fromEntries(kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))),
    ...(process.env['NODE_EXTRA_CA_CERTS'] ? { GIT_SSL_CAINFO: process.env['NODE_EXTRA_CA_CERTS'] } : {}),
    HOME: folder,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_COUNT: String(Object.keys(settings).length),
    ...(Object.fromEntries(pairs) as Record<string, string>),
  };
}
