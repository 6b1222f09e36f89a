import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { MemoryRateLimiter, type StepDefinition, systemClock } from '@slipway/engine';
import { createStepRig, type Sandbox, sandboxForSuite, stepOf, type StepRig } from '@slipway/engine/testing';
import { GithubConfig } from '../config.js';
import { githubProvider } from '../provider.js';

const run = promisify(execFile);

/** A repository name of one test's own, our provider, and the ways past it. */
export interface GithubScene {
  kinds: ReturnType<typeof githubProvider>['kinds'];
  secrets: Record<string, string>;
  files: { workspace: string; template: string };
  name: string;
  fullName: string;
  step(this: void, id: string): StepDefinition;
  rig(this: void): StepRig;
}

export type Wire = Record<string, unknown>;

/** `list` where the body is one. */
interface Answer {
  status: number;
  body: Wire;
  list: Wire[];
}

export interface GithubSuite {
  sandbox: Sandbox;
  scene(this: void, files?: Record<string, string>): Promise<GithubScene>;
  /** Another's hand: GitHub's API past our own client. */
  api(this: void, method: string, path: string, body?: object): Promise<Answer>;
  /** Somebody commits on a branch, on top of the default branch where there is one. */
  pushByAnother(this: void, fullName: string, branch: string, files?: Record<string, string>): Promise<void>;
  git(this: void, ...args: string[]): Promise<string>;
  remoteOf(this: void, fullName: string): string;
}

let names = 0;

/** For a spec file about steps: a sandbox, and a workspace for each scene. */
export function githubForSuite(): GithubSuite {
  const sandbox = sandboxForSuite();
  const folders: string[] = [];
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

  const folderWith = async (files: Record<string, string>): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-github-'));
    folders.push(folder);
    await write(folder, files);
    return folder;
  };
  const git = async (...args: string[]) => (await run('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args])).stdout;
  const remoteOf = (fullName: string) => `${sandbox.github.url.replace('://', `://x:${sandbox.github.token}@`)}/${fullName}.git`;

  return {
    sandbox,
    git,
    remoteOf,
    async scene(files = { 'main.py': 'print("hello")\n' }) {
      const { url, org, token } = sandbox.github;
      const config = GithubConfig.parse({
        ...{ url, apiUrl: `${url}/api/v3`, org, token: 'env:GITHUB_TOKEN', webhookSecret: 'env:NONE', throttle: false },
      });
      const secrets = { 'env:GITHUB_TOKEN': token, 'env:HOOK_SECRET': 'the-secret-of-the-hook', 'env:VALUE': 'a-value-nobody-may-see' };
      const provider = githubProvider(config, {
        secrets: createStepRig({ kinds: [], secrets }).context().secrets,
        limiter: new MemoryRateLimiter(systemClock),
      });
      const workspace = await folderWith(files);
      const name = `shop-${process.pid}-${(names += 1)}`;
      const given = { kinds: provider.kinds, secrets, files: { workspace, template: workspace } };
      return { ...given, name, fullName: `${org}/${name}`, step: (id) => stepOf(provider, id), rig: () => createStepRig(given) };
    },
    async api(method, path, body) {
      const response = await fetch(`${sandbox.github.url}/api/v3${path}`, {
        method,
        headers: { authorization: `Bearer ${sandbox.github.token}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const parsed = JSON.parse(text || '{}') as Wire | Wire[];
      return { status: response.status, body: Array.isArray(parsed) ? {} : parsed, list: Array.isArray(parsed) ? parsed : [] };
    },
    async pushByAnother(fullName, branch, files = { 'notes.md': 'mine\n' }) {
      const place = await folderWith({});
      await git('clone', '--quiet', remoteOf(fullName), place);
      await write(place, files);
      await git('-C', place, 'add', '.');
      await git('-C', place, 'commit', '--quiet', '-m', 'My own work');
      await git('-C', place, 'push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`);
    },
  };
}

async function write(folder: string, files: Record<string, string>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}
