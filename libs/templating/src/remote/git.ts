import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { StepError } from '@slipway/engine';
import { addressOf, checkedUrl } from './allowed-host.js';
import type { Way } from './allowed-host.js';
import { tooLarge } from './download.js';
import type { RepositoryUrl } from './repository-url.js';

/** Branches and tags by name, and `HEAD`, each with its commit. */
export async function refsOfRepository({ clone }: RepositoryUrl, way: Way): Promise<Map<string, string>> {
  const listed = await withGit(clone, way, (git) => git(['ls-remote', '--', clone]));
  const refs = new Map<string, string>();
  for (const line of listed.toString('utf8').split('\n')) {
    const [commit = '', ref = ''] = line.split('\t');
    // What an annotated tag points to comes after the tag itself.
    const name = ref.replace(/^refs\/(heads|tags)\//, '').replace(/\^\{\}$/, '');
    const isBranch = ref.startsWith('refs/heads/');
    if (/^[0-9a-f]{40}$/.test(commit) && (name === 'HEAD' || isBranch || (ref.startsWith('refs/tags/') && !refs.get(`branch ${name}`)))) {
      refs.set(name, commit);
      if (isBranch) refs.set(`branch ${name}`, commit);
    }
  }
  return new Map([...refs].filter(([name]) => !name.startsWith('branch ')));
}

/**
 * One commit's files as a gzipped tar. Nothing is ever checked out, so that no hook, filter or attribute of the repository
 * gets to do anything; what is in the archive is looked at when it is unpacked.
 */
export async function archiveOfRepository({ clone }: RepositoryUrl, commit: string, way: Way): Promise<Buffer> {
  return withGit(clone, way, async (git) => {
    await git(['init', '--quiet', '--bare', '.']);
    await git(['fetch', '--quiet', '--depth=1', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head', '--', clone, commit]);
    return git(['archive', '--format=tar.gz', commit]);
  });
}

type Git = (args: string[]) => Promise<Buffer>;

/** In a folder of its own that goes away again, with the host pinned to the address that was looked at. */
async function withGit<T>(clone: string, way: Way, use: (git: Git) => Promise<T>): Promise<T> {
  const { url, host } = checkedUrl(clone, way.hosts);
  const { address } = await addressOf(url, host);
  const folder = await mkdtemp(join(tmpdir(), 'slipway-git-'));
  try {
    const token = way.token ?? (await host.token?.());
    const settings = [
      ['protocol.allow', 'never'],
      ['protocol.https.allow', 'always'],
      ['http.followRedirects', 'false'],
      ['http.proxy', ''],
      ['http.curloptResolve', `${url.hostname}:${url.port || '443'}:${address.includes(':') ? `[${address}]` : address}`],
      ['credential.helper', ''],
      ['core.hooksPath', '/dev/null'],
      ...(token ? [['http.extraHeader', `Authorization: Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`]] : []),
    ] as [string, string][];
    if (host.ca) {
      await writeFile(join(folder, '.ca.pem'), host.ca);
      settings.push(['http.sslCAInfo', join(folder, '.ca.pem')]);
    }
    const work = await mkdtemp(join(folder, 'repository-'));
    return await use((args) => runGit(args, { folder: work, settings, way, clone }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface GitRun {
  folder: string;
  settings: readonly [string, string][];
  way: Way;
  clone: string;
}

async function runGit(args: string[], { folder, settings, way, clone }: GitRun): Promise<Buffer> {
  const { signal, limits } = way;
  signal.throwIfAborted();
  const child = spawn('git', args, { cwd: folder, env: environment(folder, settings), stdio: ['ignore', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  let [bytes, errors, large] = [0, '', false];
  const stop = () => child.kill('SIGKILL');
  const overflow = () => {
    large = true;
    stop();
  };
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > limits.bytes) overflow();
    else output.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => (errors = `${errors}${chunk.toString('utf8')}`.slice(-2_000)));
  signal.addEventListener('abort', stop, { once: true });
  const watch = setInterval(() => void sizeOf(folder).then((size) => size > limits.bytes && overflow()), 200);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    if (large) throw tooLarge(clone, limits.bytes);
    if (signal.aborted) throw aborted(clone, signal);
    if (code === 0) return Buffer.concat(output);
    throw failure(clone, errors);
  } finally {
    clearInterval(watch);
    signal.removeEventListener('abort', stop);
  }
}

/** Nothing of this process's environment but where programs are: no credentials, no proxy, no configuration of a person. */
function environment(folder: string, settings: readonly [string, string][]): NodeJS.ProcessEnv {
  const listed = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: folder,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '/bin/false',
    GIT_CONFIG_COUNT: String(settings.length),
    ...(Object.fromEntries(listed) as Record<string, string>),
  };
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  let size = 0;
  for (const entry of entries) {
    if (entry.isFile()) size += (await stat(join(entry.parentPath, entry.name)).catch(() => null))?.size ?? 0;
  }
  return size;
}

function aborted(clone: string, signal: AbortSignal): unknown {
  if ((signal.reason as { name?: unknown } | undefined)?.name !== 'TimeoutError') return signal.reason;
  return new StepError('retry', 'remote_unreachable', `${clone} did not answer in time.`);
}

function failure(clone: string, errors: string): StepError {
  const missing = /not found|could not read Username|Authentication failed|not our ref|40[134]/i.test(errors);
  const last = errors.trim().split('\n').at(-1) ?? '';
  return missing
    ? new StepError('fatal', 'remote_missing', `${clone} is not there, or not open to this installation: ${last}`)
    : new StepError('retry', 'remote_unreachable', `git could not fetch ${clone}: ${last}`);
}
