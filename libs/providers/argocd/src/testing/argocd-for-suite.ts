import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type CommitGraph, MemoryRateLimiter, systemClock } from '@slipway/engine';
import { createStepRig, type Sandbox, sandboxForSuite, stepOf } from '@slipway/engine/testing';
import { ArgocdConfig } from '../config.js';
import { argocdProvider } from '../provider.js';

const git = promisify(execFile);

let names = 0;

/** The sandbox with its Argo CD, repositories for it to read, and a way in past our own client. */
export function argocdForSuite() {
  const sandbox = sandboxForSuite();
  return {
    sandbox,
    setUp: (options: Options = {}) => setUp(sandbox, options),
    publish: (name: string, options: { namespace: boolean }) => publish(sandbox, name, options),
    api: (method: string, path: string, body?: object) => api(sandbox, method, path, body),
  };
}

interface Options {
  password?: string;
  /** In place of the account's name and password. */
  token?: string;
  commits?: CommitGraph;
  /** Beside the URL and the credential. */
  config?: object;
}

function setUp(sandbox: Sandbox, { password, token, commits, config: more }: Options) {
  const { url, username } = sandbox.argocd;
  const credential = token === undefined ? { username, password: 'env:ARGOCD_PASSWORD' } : { token: 'env:ARGOCD_TOKEN' };
  const config = ArgocdConfig.parse({ url, ...credential, ...more });
  const secrets = { 'env:ARGOCD_PASSWORD': password ?? sandbox.argocd.password, ...(token !== undefined && { 'env:ARGOCD_TOKEN': token }) };
  const rig = createStepRig({ kinds: [], secrets });
  const limiter = new MemoryRateLimiter(systemClock);
  const provider = argocdProvider(config, { secrets: rig.context().secrets, limiter, commits });
  const name = `shop-${process.pid}-${(names += 1)}`;
  return {
    ...{ provider, kinds: provider.kinds, secrets, name },
    project: stepOf(provider, 'argocd:project'),
    register: stepOf(provider, 'argocd:repository:register'),
    create: stepOf(provider, 'argocd:application:create'),
    sync: stepOf(provider, 'argocd:application:sync'),
    wait: stepOf(provider, 'argocd:application:wait'),
  };
}

interface Published {
  url: string;
  /** The newest. */
  commit: string;
  /** Commits these files to main and answers the commit. */
  push(files: Record<string, string>): Promise<string>;
}

/** A repository on GitHub with manifests for one small application; without a namespace, the cluster refuses them. */
async function publish(sandbox: Sandbox, name: string, options: { namespace: boolean }): Promise<Published> {
  const { url, token, org } = sandbox.github;
  const response = await fetch(`${url}/api/v3/orgs/${org}/repos`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name, private: true }),
  });
  expect(response.status).toBe(201);
  const repository = `${url}/${org}/${name}.git`;
  const push = (files: Record<string, string>) => pushFiles(repository.replace('://', `://x:${token}@`), files);
  return { url: repository, push, commit: await push({ 'k8s/app.yaml': manifests(name, options.namespace) }) };
}

async function pushFiles(remote: string, files: Record<string, string>): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'slipway-manifests-'));
  const run = async (...args: string[]) =>
    (await git('git', ['-C', place, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args])).stdout.trim();
  try {
    await run('init', '--quiet', '--initial-branch=main');
    await run('pull', '--quiet', remote, 'main').catch(() => 'The repository is empty.');
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(place, path)), { recursive: true });
      await writeFile(join(place, path), content);
    }
    await run('add', '.');
    await run('commit', '--quiet', '-m', `Change ${Object.keys(files).join(', ')}`);
    await run('push', '--quiet', remote, 'HEAD:refs/heads/main');
    return await run('rev-parse', 'HEAD');
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

function manifests(name: string, namespace: boolean): string {
  const labels = { app: name };
  const container = { name: 'app', image: 'registry.example.com/app:1' };
  const objects = [
    ...(namespace ? [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }] : []),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: name }, data: { greeting: 'hello' } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'app', namespace: name },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    },
  ];
  return objects.map((object) => JSON.stringify(object)).join('\n---\n');
}

/** Another's hand: Argo CD's API past our own client. */
async function api(
  sandbox: Sandbox,
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const headers = { 'content-type': 'application/json' };
  const { username, password, url } = sandbox.argocd;
  const login = await fetch(`${url}/api/v1/session`, { method: 'POST', headers, body: JSON.stringify({ username, password }) });
  const { token } = (await login.json()) as { token: string };
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { ...headers, authorization: `Bearer ${token}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

interface ApplicationOptions {
  labels?: Record<string, string>;
  automated?: boolean;
  /** The one retry of a sync that Argo CD begins itself. */
  retryAfter?: string;
}

/** An application as somebody else makes it, synced by itself unless said otherwise. */
export function applicationOf(
  name: string,
  repoURL: string,
  { labels, automated = true, retryAfter = '1s' }: ApplicationOptions = {},
): object {
  return {
    metadata: { name, ...(labels && { labels }) },
    spec: {
      project: 'default',
      source: { repoURL, path: 'k8s', targetRevision: 'main' },
      destination: { server: 'https://kubernetes.default.svc', namespace: name },
      syncPolicy: {
        ...(automated && { automated: {} }),
        retry: { limit: 1, backoff: { duration: retryAfter, factor: 1, maxDuration: retryAfter } },
      },
    },
  };
}
