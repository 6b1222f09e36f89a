import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SecretValues } from '@slipway/engine';
import type { CallContext } from './client.js';
import type { GitCommand } from './git-starter.js';
import { removeElsewhere, runGitElsewhere } from './run-git-elsewhere.js';

/** An empty repository outside every workspace, gone after use. */
export interface GitPlace {
  /** Absolute, as is `repository`: where there is room beside it. */
  folder: string;
  /** Its HEAD is the branch main. */
  repository: string;
  /** @throws GitFailed */
  run(args: string[], options?: { workTree?: string; input?: string; env?: Record<string, string> }): Promise<string>;
}

/** Git ended with an error. `said` is what it printed, without any secret. */
export class GitFailed extends Error {
  constructor(
    /** The subcommand: arguments are left out, since they say little and can be long. */
    readonly command: string,
    readonly said: string,
    /** Ended by us, for lack of time or because the run is cancelled. */
    readonly stopped: boolean,
  ) {
    super(`git ${command} failed: ${said}`);
    this.name = 'GitFailed';
  }
}

/** Nothing of that name can be started here. */
export class GitMissing extends Error {}

/** Git for one remote. The token goes by environment: in no argument, no URL and no file. */
export async function withGit<T>(
  ctx: CallContext,
  remote: { url: string; token: string },
  use: (git: GitPlace) => Promise<T>,
): Promise<T> {
  const { token } = remote;
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  ctx.secrets.protect(basic);
  const values = new SecretValues();
  for (const value of [token, basic]) values.add(value);
  const place = mkdtempSync(join(tmpdir(), 'slipway-git-'));
  const repository = join(place, 'repository.git');
  const environment = { ...inherited(), ...isolated(place, repository), ...configured(remote.url, basic) };
  try {
    makeRepository(repository);
    return await use({
      folder: place,
      repository,
      run: (args, { workTree, input, env } = {}) => {
        const all = { ...environment, ...env, ...(workTree && { GIT_WORK_TREE: workTree }) };
        return runGit({ args, env: all, cwd: workTree ?? place, input: input ?? '', signal: ctx.signal, redact: (text) => values.redact(text) });
      },
    });
  } finally {
    await removeElsewhere(place);
  }
}

/**
 * What of `git init` git asks for (gitrepository-layout): some files cost less than one more process, and made at once they cost less
 * than by way of another thread.
 */
function makeRepository(folder: string): void {
  for (const name of ['objects', 'refs']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'HEAD'), 'ref: refs/heads/main\n');
}

interface RunOptions extends GitCommand {
  signal: AbortSignal;
  redact: (text: string) => string;
}

async function runGit({ signal, redact, ...command }: RunOptions): Promise<string> {
  const { stdout, stderr, failure } = await runGitElsewhere(command, signal);
  if (!failure) return stdout;
  // Not git's failure: there is none on this machine.
  if (failure.missing) throw new GitMissing();
  const said = redact(stderr.trim() || (failure.stopped ? 'stopped before it ended' : failure.message.split('\n', 1).join('')));
  throw new GitFailed(command.args[0] ?? '', said.slice(0, 2_000), failure.stopped);
}

/** What a worker may have been given to reach the outside: proxies and certificate authorities. */
function inherited(): Record<string, string> {
  const names = [
    'PATH',
    'HTTPS_PROXY',
    'HTTP_PROXY',
    'NO_PROXY',
    'https_proxy',
    'http_proxy',
    'no_proxy',
    'SSL_CERT_FILE',
    'GIT_SSL_CAINFO',
  ];
  const kept = names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  const ca = process.env['NODE_EXTRA_CA_CERTS'];
  return { ...(ca && { GIT_SSL_CAINFO: ca }), ...(Object.fromEntries(kept) as Record<string, string>) };
}

/** No configuration, hook, credential helper or prompt of this machine takes part. */
function isolated(place: string, repository: string): Record<string, string> {
  return {
    HOME: place,
    GIT_DIR: repository,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    // Who reads the other side's log sees which calls are ours.
    GIT_HTTP_USER_AGENT: 'git/slipway-0.1.0',
    LC_ALL: 'C',
  };
}

function configured(remoteUrl: string, basic: string): Record<string, string> {
  const settings = {
    [`http.${new URL(remoteUrl).origin}/.extraHeader`]: `Authorization: Basic ${basic}`,
    // Git would send the header to wherever a redirect leads.
    'http.followRedirects': 'false',
    'http.lowSpeedLimit': '1',
    'http.lowSpeedTime': '30',
    'core.autocrlf': 'false',
    'core.hooksPath': '/dev/null',
    // Nobody looks a former commit up here: five files and folders fewer.
    'core.logAllRefUpdates': 'false',
    // What counts as large is written into one pack as it is added: a file and mostly a folder for each object cost more to make
    // and to take away than all else that is done to it.
    'core.bigFileThreshold': '1',
    // Gone after use: there is nothing to tidy.
    'maintenance.auto': 'false',
  };
  const pairs = Object.entries(settings).flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(Object.keys(settings).length), ...(Object.fromEntries(pairs) as Record<string, string>) };
}
