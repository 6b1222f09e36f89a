import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { MemoryRateLimiter, type ResourceKind, systemClock } from '@slipway/engine';
import { createStepRig, exerciseStep, type SandboxFault, sandboxForSuite, stepOf, type StepRig, type StepScene } from '@slipway/engine/testing';
import { GithubConfig } from './config.js';
import { githubProvider } from './provider.js';

const git = promisify(execFile);

const sandbox = sandboxForSuite();
let workspace: string;
let names = 0;

beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'slipway-workspace-'));
  await mkdir(join(workspace, 'app'));
  await writeFile(join(workspace, 'app', 'main.py'), 'print("hello")\n');
  await writeFile(join(workspace, '.gitignore'), '*.secret\n');
  await writeFile(join(workspace, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
});

afterAll(() => rm(workspace, { recursive: true, force: true }));

function setUp() {
  const config = GithubConfig.parse({
    url: sandbox.github.url,
    apiUrl: `${sandbox.github.url}/api/v3`,
    org: sandbox.github.org,
    token: 'env:GITHUB_TOKEN',
    webhookSecret: 'env:GITHUB_WEBHOOK_SECRET',
    throttle: false,
  });
  const secrets = { 'env:GITHUB_TOKEN': sandbox.github.token };
  const rigOptions = { secrets, files: { workspace, template: workspace } };
  const provider = githubProvider(config, {
    secrets: createStepRig({ kinds: [], secrets }).context().secrets,
    limiter: new MemoryRateLimiter(systemClock),
  });
  const name = `shop-${process.pid}-${(names += 1)}`;
  return {
    provider,
    kinds: provider.kinds,
    name,
    fullName: `${config.org}/${name}`,
    create: stepOf(provider, 'github:repo:create'),
    push: stepOf(provider, 'github:repo:push'),
    ...rigOptions,
  };
}

/** Another's hand: GitHub's API past our own client. */
async function api(method: string, path: string, body?: object): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${sandbox.github.url}/api/v3${path}`, {
    method,
    headers: { authorization: `Bearer ${sandbox.github.token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text ? (JSON.parse(text) as Record<string, unknown>) : {} };
}

function remoteOf(fullName: string): string {
  return sandbox.github.url.replace('://', `://x:${sandbox.github.token}@`) + `/${fullName}.git`;
}

async function refsOf(fullName: string): Promise<string[]> {
  return (await git('git', ['ls-remote', remoteOf(fullName)])).stdout.split('\n').filter(Boolean);
}

/** Somebody commits on top of what is there, or begins. */
async function pushByAnother(fullName: string): Promise<void> {
  const place = await mkdtemp(join(tmpdir(), 'slipway-other-'));
  const run = (...args: string[]) =>
    git('git', ['-C', place, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args]);
  try {
    await run('clone', '--quiet', remoteOf(fullName), '.');
    await writeFile(join(place, 'notes.md'), 'mine\n');
    await run('add', '.');
    await run('commit', '--quiet', '-m', 'My own work');
    await run('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

exerciseStep('github:repo:create', async (): Promise<StepScene> => {
  const { create, name, fullName, ...rest } = setUp();
  return {
    ...rest,
    step: create,
    input: { name, description: 'A shop' },
    makes: ['github:repository'],
    count: async () => ((await api('GET', `/repos/${fullName}`)).status === 200 ? 1 : 0),
    foreign: {
      make: async () => void (await api('POST', `/orgs/${sandbox.github.org}/repos`, { name, description: 'Mine' })),
      look: async () => (await api('GET', `/repos/${fullName}`)).body,
      code: 'github_name_taken',
    },
  };
});

exerciseStep(
  'github:repo:push',
  async (): Promise<StepScene> => {
    const { create, push, name, fullName, ...rest } = setUp();
    return {
      ...rest,
      before: async (rig) => void (await rig.run(create, { name })),
      step: push,
      input: { repository: fullName, message: 'Begin', tag: 'v0.1.0' },
      makes: ['github:repository'],
      count: async () => ((await api('GET', `/repos/${fullName}`)).status === 200 ? 1 : 0),
      foreign: {
        make: () => pushByAnother(fullName),
        look: () => refsOf(fullName),
        code: 'github_repository_not_empty',
      },
    };
  },
  { removalCannotTell: 'it pushes into what another step planned' },
);

describe('github:repo:create', () => {
  it('reads the answer where the name was taken between look and call, by us', async () => {
    const { create, name, ...options } = setUp();
    const rig = createStepRig(options);
    const match = { method: 'POST', path: '/api/v3/orgs/*/repos' };
    await sandbox.fault({ system: 'github', match, fault: 'applied-then-timeout', delayMs: 200, times: 1 });
    expect(await rig.run(create, { name })).toMatchObject({ name, ownerId: 90_001, defaultBranch: 'main' });
    expect(rig.ledger.rows.map(({ state }) => state)).toEqual(['CREATED']);
    await rig.undo();
  }, 60_000);

  it('waits out the 404 that can follow a 201', async () => {
    const { create, name, fullName, ...options } = setUp();
    const rig = createStepRig(options);
    await rig.run(create, { name: `${name}-first` });
    const match = { method: 'GET', path: `/api/v3/repos/${fullName}` };
    await sandbox.fault({ system: 'github', match, fault: 'status', status: 404, times: 3 });
    await rig.run(create, { name });
    expect((await api('GET', `/repos/${fullName}`)).body['private']).toBe(true);
    await rig.undo();
  }, 60_000);

  it('says that the token is refused, and where it comes from', async () => {
    const { create, name, kinds } = setUp();
    const rig = createStepRig({ kinds, secrets: { 'env:GITHUB_TOKEN': 'ghp_wrong' } });
    await expect(rig.run(create, { name })).rejects.toMatchObject({
      code: 'github_unauthorized',
      remedy: expect.stringContaining('env:GITHUB_TOKEN'),
    });
  });
});

describe('github:repo:push', () => {
  async function created(): Promise<ReturnType<typeof setUp> & { rig: StepRig }> {
    const scene = setUp();
    const rig = createStepRig(scene);
    await rig.run(scene.create, { name: scene.name });
    return { ...scene, rig };
  }

  it('pushes one root commit with branch and tag, file modes and ignored files, and leaves the workspace clean', async () => {
    const { rig, push, fullName } = await created();
    await writeFile(join(workspace, 'delivered.secret'), 'not really\n');
    const { commit } = (await rig.run(push, { repository: fullName, message: 'Begin', tag: 'v0.1.0' })) as { commit: string };
    expect(await refsOf(fullName)).toEqual([`${commit}\tHEAD`, `${commit}\trefs/heads/main`, `${commit}\trefs/tags/v0.1.0`]);

    const clone = await mkdtemp(join(tmpdir(), 'slipway-clone-'));
    await git('git', ['clone', '--quiet', remoteOf(fullName), clone]);
    const { stdout: log } = await git('git', ['-C', clone, 'log', '--format=%an|%cn|%s|%P']);
    expect(log.trim()).toBe('Slipway|Slipway|Begin|');
    const { stdout: tree } = await git('git', ['-C', clone, 'ls-tree', '-r', '--format=%(objectmode) %(path)', 'HEAD']);
    expect(tree.trim().split('\n')).toEqual([
      '100644 .gitignore',
      '100644 app/main.py',
      '100644 delivered.secret',
      '100755 run.sh',
    ]);
    await rm(clone, { recursive: true });
    await rm(join(workspace, 'delivered.secret'));
    expect((await readdir(workspace)).sort()).toEqual(['.gitignore', 'app', 'run.sh']);
    await rig.undo();
  });

  it('makes the same commit on a later attempt', async () => {
    const { rig, push, fullName } = await created();
    const input = push.input.parse({ repository: fullName, message: 'Begin' });
    const first = await push.run(rig.context(), input);
    const later = await push.run(rig.context({ attempt: 2, startedAt: new Date(Date.now() + 86_400_000) }), input);
    expect(later).toEqual(first);
    await rig.undo();
  });

  it('is refused where the content has changed since, and remembers by what the repository may go', async () => {
    const { rig, push, fullName } = await created();
    const first = (await rig.run(push, { repository: fullName, message: 'Begin' })) as { commit: string };
    await writeFile(join(workspace, 'later'), 'more\n');
    await expect(rig.run(push, { repository: fullName, message: 'Begin' })).rejects.toMatchObject({ code: 'github_repository_not_empty' });
    await rm(join(workspace, 'later'));
    expect(rig.ledger.rows.map(({ properties }) => properties['commit'])).toEqual([first.commit]);
    await rig.undo();
    expect((await api('GET', `/repos/${fullName}`)).status).toBe(404);
  });

  it.each([
    ['no folder', 'missing'],
    ['a folder outside', '../..'],
  ])('refuses %s', async (_title, source) => {
    const { rig, push, fullName } = await created();
    await expect(rig.run(push, { repository: fullName, message: 'Begin', source })).rejects.toMatchObject({
      code: 'github_nothing_to_push',
    });
    await rig.undo();
  });

  it('refuses an empty folder', async () => {
    const { rig, push, fullName } = await created();
    await mkdir(join(workspace, 'empty'));
    const running = rig.run(push, { repository: fullName, message: 'Begin', source: 'empty' });
    await expect(running).rejects.toMatchObject({ code: 'github_nothing_to_push' });
    await rm(join(workspace, 'empty'), { recursive: true });
    await rig.undo();
  });

  it('refuses a repository of somebody else', async () => {
    const { push, name, fullName, ...options } = setUp();
    await api('POST', `/orgs/${sandbox.github.org}/repos`, { name });
    await expect(createStepRig(options).run(push, { repository: fullName, message: 'Begin' })).rejects.toMatchObject({
      code: 'github_repository_foreign',
    });
    await api('DELETE', `/repos/${fullName}`);
  });

  it('keeps the token out of arguments, and stops git when the run is cancelled', async () => {
    const { rig, push, fullName } = await created();
    const match = { method: 'POST', path: `/${fullName}.git/git-receive-pack` };
    await sandbox.fault({ system: 'github', match, fault: 'slow', delayMs: 20_000 });
    const cancel = new AbortController();
    const running = push.run(
      rig.context({ signal: cancel.signal }),
      push.input.parse({ repository: fullName, message: 'Begin' }),
    );
    const failure = expect(running).rejects.toMatchObject({ classification: 'lost' });
    const seen = await untilGitRuns(['push', fullName]);
    expect(seen).not.toContain(sandbox.github.token);
    cancel.abort();
    await failure;
    await sandbox.fault();
    await rig.undo();
  }, 40_000);
});

async function untilGitRuns(words: string[]): Promise<string> {
  const until = Date.now() + 15_000;
  while (Date.now() < until) {
    const { stdout } = await git('ps', ['-eo', 'args']);
    const line = stdout.split('\n').find((args) => args.startsWith('git') && words.every((word) => args.includes(word)));
    if (line) return stdout;
  }
  throw new Error(`No git with ${words.join(' ')} ran within 15 s.`);
}

describe('github:repository', () => {
  async function pushed(): Promise<ReturnType<typeof setUp> & { rig: StepRig; kind: ResourceKind }> {
    const scene = setUp();
    const rig = createStepRig(scene);
    await rig.run(scene.create, { name: scene.name });
    await rig.run(scene.push, { repository: scene.fullName, message: 'Begin', tag: 'v0.1.0' });
    return { ...scene, rig, kind: scene.kinds[0]! };
  }

  it('archives on undo where somebody has pushed since, and says why', async () => {
    const { rig, fullName } = await pushed();
    await pushByAnother(fullName);
    expect(await rig.undo()).toEqual([
      { outcome: 'kept', note: expect.stringMatching(/main holds [0-9a-f]{7}, which we did not push/) },
    ]);
    expect((await api('GET', `/repos/${fullName}`)).body['archived']).toBe(true);
    await api('DELETE', `/repos/${fullName}`);
  });

  it('archives when asked to, twice as well as once', async () => {
    const { rig, fullName } = await pushed();
    const [row] = await rig.ledger.standing();
    for (let time = 0; time < 2; time += 1) {
      expect(await rig.ledger.remove(row!, { disposition: 'archive' })).toMatchObject({
        outcome: 'kept',
        note: expect.stringContaining(fullName),
      });
    }
    // The engine writes the note to the log, with the resource's title.
    expect(rig.lines.filter(({ message }) => message.includes('Archived'))).toEqual([]);
    expect((await api('GET', `/repos/${fullName}`)).body['archived']).toBe(true);
    await api('DELETE', `/repos/${fullName}`);
  });

  it('deletes when asked to, whatever it holds', async () => {
    const { rig, fullName } = await pushed();
    await pushByAnother(fullName);
    expect(await rig.undo({ disposition: 'delete' })).toEqual([{ outcome: 'removed' }]);
    expect((await api('GET', `/repos/${fullName}`)).status).toBe(404);
  });

  describe('and its container package', () => {
    const workflow = [
      'on: { push: { tags: ["v*"] } }',
      'permissions: { packages: write }',
      'jobs: { build: { runs-on: ubuntu-latest, steps: [{ run: make image }] } }',
    ];

    beforeAll(async () => {
      await mkdir(join(workspace, '.github/workflows'), { recursive: true });
      await writeFile(join(workspace, '.github/workflows/image.yaml'), workflow.join('\n'));
    });
    afterAll(() => rm(join(workspace, '.github'), { recursive: true }));

    async function published() {
      const scene = await pushed();
      const path = `/orgs/${sandbox.github.org}/packages/container/${scene.name}`;
      const until = Date.now() + 20_000;
      while ((await api('GET', path)).status !== 200) {
        if (Date.now() > until) throw new Error(`${scene.name} was not published within 20 s.`);
        // Each look counts towards the 5,000 requests of the hour.
        await pause(50);
      }
      return { ...scene, path, stands: async () => (await api('GET', path)).status === 200 };
    }

    it('go together', async () => {
      const { rig, stands } = await published();
      expect(await rig.undo()).toEqual([{ outcome: 'removed' }]);
      expect(await stands()).toBe(false);
    }, 30_000);

    it('go together, and nothing is published in the middle of it', async () => {
      const { rig, name, fullName } = await pushed();
      // The run that publishes ends while GitHub thinks about the deletion.
      await sandbox.fault({ system: 'github', match: { method: 'DELETE', path: `/api/v3/repos/${fullName}` }, fault: 'slow', delayMs: 3_000, times: 1 });
      expect(await rig.undo()).toEqual([{ outcome: 'removed' }]);
      expect((await api('GET', `/orgs/${sandbox.github.org}/packages/container/${name}`)).status).toBe(404);
    }, 30_000);

    it('go together where the answer to the first attempt was lost', async () => {
      const { rig, path, stands, fullName } = await published();
      const [row] = await rig.ledger.standing();
      const match = { method: 'DELETE', path: `/api/v3${path}` };
      await sandbox.fault({ system: 'github', match, fault: 'applied-then-timeout', delayMs: 200, times: 1 });
      await expect(rig.ledger.remove(row!)).rejects.toMatchObject({ classification: 'lost' });
      expect((await api('GET', `/repos/${fullName}`)).status).toBe(200);
      expect(await rig.undo()).toEqual([{ outcome: 'removed' }]);
      expect(await stands()).toBe(false);
    }, 30_000);

    it('stay together where the repository is archived', async () => {
      const { rig, path, stands, fullName } = await published();
      await rig.undo({ disposition: 'archive' });
      expect(await stands()).toBe(true);
      await api('DELETE', path);
      await api('DELETE', `/repos/${fullName}`);
    }, 30_000);

    it('are not taken for each other where only the names agree', async () => {
      const { path, stands, name, fullName } = await published();
      await api('PATCH', `/repos/${fullName}`, { name: `${name}-first` });
      const { create, ...options } = setUp();
      const another = createStepRig(options);
      await another.run(create, { name });
      expect(await another.undo()).toEqual([{ outcome: 'removed' }]);
      expect(await stands()).toBe(true);
      await api('DELETE', path);
      await api('DELETE', `/repos/${fullName}-first`);
    }, 30_000);

    it('stay together while our token may not delete the package', async () => {
      const { rig, path, fullName } = await published();
      const [row] = await rig.ledger.standing();
      await sandbox.fault({ system: 'github', match: { method: 'DELETE', path: `/api/v3${path}` }, fault: 'status', status: 403 });
      const failure = { code: 'github_forbidden', remedy: expect.stringContaining('packages') };
      await expect(rig.ledger.remove(row!)).rejects.toMatchObject(failure);
      expect((await api('GET', `/repos/${fullName}`)).status).toBe(200);
      await sandbox.fault();
      await rig.undo();
    }, 30_000);

    it('part where our token may not look at packages', async () => {
      const { rig, path, stands } = await published();
      await sandbox.fault({ system: 'github', match: { method: 'GET', path: `/api/v3${path}` }, fault: 'status', status: 403 });
      expect(await rig.undo()).toEqual([{ outcome: 'removed' }]);
      await sandbox.fault();
      expect(await stands()).toBe(true);
      await api('DELETE', path);
    }, 30_000);
  });
});

const onOrganisation = { system: 'github', match: { method: 'GET', path: '/orgs/*' } } as const;

describe('health', () => {
  it('says that all is well, or what to do', async () => {
    expect(await setUp().provider.health?.(AbortSignal.timeout(10_000))).toMatchObject({ ok: true });
    await sandbox.fault({ system: 'github', match: { method: 'GET', path: '/api/v3/orgs/*' }, fault: 'status', status: 503 });
    expect(await setUp().provider.health?.(AbortSignal.timeout(10_000))).toMatchObject({
      ok: false,
      detail: expect.stringContaining('503'),
    });
  });

  it.each<[string, SandboxFault, RegExp]>([
    ['a limit that is reached', { ...onOrganisation, fault: 'secondary-rate-limit' }, /rate limit is reached.*goes on once the limit is lifted/],
    ['a token that is refused', { ...onOrganisation, fault: 'expired-token' }, /does not accept our token.*env:GITHUB_TOKEN/],
    ['no way there', { ...onOrganisation, fault: 'reset' }, /the connection broke.*check the network/],
  ])('names %s', async (_title, fault, detail) => {
    await sandbox.fault(fault);
    expect(await setUp().provider.health?.(AbortSignal.timeout(10_000))).toEqual({ ok: false, detail: expect.stringMatching(detail) });
  });
});
