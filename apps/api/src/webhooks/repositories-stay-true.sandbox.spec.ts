import { setTimeout as pause } from 'node:timers/promises';
import { MemoryRateLimiter, systemClock } from '@slipway/engine';
import { sandboxForSuite } from '@slipway/engine/testing';
import { GithubConfig, githubWatch } from '@slipway/provider-github';
import { startApi, type StartedApi, webhookSecret } from '../testing/start-api.js';

const sandbox = sandboxForSuite();
let api: StartedApi;

beforeAll(async () => {
  process.env['SPEC_GITHUB_TOKEN'] = sandbox.github.token;
  process.env['SPEC_GITHUB_SECRET'] = webhookSecret;
  api = await startApi({}, [], { integrations: { github: integration() } });
  const config = { url: `${api.url}/webhooks/github`, content_type: 'json', secret: webhookSecret };
  await github('POST', `/orgs/${sandbox.github.org}/hooks`, { name: 'web', config, events: ['*'] });
}, 60_000);

afterAll(() => api.close());

function integration() {
  const { url, org } = sandbox.github;
  return { url, apiUrl: `${url}/api/v3`, org, throttle: false, token: 'env:SPEC_GITHUB_TOKEN', webhookSecret: 'env:SPEC_GITHUB_SECRET' };
}

/** Another's hand. */
async function github(method: string, path: string, body?: object): Promise<any> { // eslint-disable-line @typescript-eslint/no-explicit-any -- answers of every shape
  const response = await fetch(`${sandbox.github.url}/api/v3${path}`, {
    method,
    headers: { authorization: `Bearer ${sandbox.github.token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.status === 204 ? null : response.json();
}

const redeliver = () => {
  const secrets = { resolve: async () => sandbox.github.token, protect: () => undefined };
  const watch = githubWatch(GithubConfig.parse(integration()), { secrets, limiter: new MemoryRateLimiter(systemClock) });
  return watch.redeliver(`${api.url}/webhooks/github`, AbortSignal.timeout(30_000));
};

const faults = (kinds: string[], probability: number, seed: number) =>
  sandbox.callControl('PUT', '/faults', kinds.map((fault) => ({ system: 'github', fault, match: { name: '*' }, probability, seed })));

/** An entity of the catalogue that holds a repository, as its run has recorded it. */
async function holder(name: string): Promise<{ name: string; id: number }> {
  const { id } = await github('POST', `/orgs/${sandbox.github.org}/repos`, { name, private: true });
  const { body } = await api.call('/v1/actions/deploy/runs', { method: 'POST', body: { properties: { app_name: name } } });
  await api.database.pool.query(
    `INSERT INTO resources (run_id, blueprint, entity, kind, external_id, title, url, properties, state, step_id, depth)
     VALUES ($1, 'service', $2, 'github:repository', $3, 'Repository', 'https://x', $4, 'CREATED', 'hello', 0)`,
    [body.run.id, name, `${sandbox.github.org}/${name}`, JSON.stringify({ id })],
  );
  return { name, id };
}

const CI = 'name: ci\non: push\njobs: { test: { runs-on: ubuntu-latest, steps: [{ run: make test }] } }\n';

/** What happens to a repository in its life; each change is told by webhooks. */
async function live(name: string, newName: string): Promise<void> {
  const put = (place: string, path: string, text: string) =>
    github('PUT', `/repos/${place}/contents/${path}`, { message: `Write ${path}`, content: Buffer.from(text).toString('base64') });
  const place = `${sandbox.github.org}/${name}`;
  await put(place, '.github/workflows/ci.yml', CI);
  for (let commit = 0; commit < 4; commit += 1) await put(place, `file-${commit}`, 'text');
  for (const tag of ['v1', 'v2']) await github('POST', `/repos/${place}/releases`, { tag_name: tag, name: `Release ${tag}` });
  await github('PATCH', `/repos/${place}`, { name: newName });
  await put(`${sandbox.github.org}/${newName}`, 'last', 'text');
  // Times at GitHub are whole seconds; this one is another's concern than order within one.
  await pause(1_100);
  await github('PATCH', `/repos/${sandbox.github.org}/${newName}`, { archived: true });
}

/** As GitHub itself has it. */
async function truth(id: number) {
  const repository = await github('GET', `/repositories/${id}`);
  const place = `/repos/${repository.full_name}`;
  const commit = await github('GET', `${place}/commits/${repository.default_branch}`);
  const release = await github('GET', `${place}/releases/latest`);
  const { workflow_runs: runs } = await github('GET', `${place}/actions/runs?head_sha=${commit.sha}`);
  return {
    ...{ repository_state: repository.archived ? 'archived' : 'active', default_branch: repository.default_branch },
    ...{ latest_commit: commit.sha, latest_release: release?.tag_name },
    checks: runs.every(({ status }: { status: string }) => status === 'completed') ? 'success' : 'pending',
  };
}

async function shown(name: string) {
  const { body } = await api.call(`/v1/blueprints/service/entities/${name}`);
  const { repository_state, default_branch, latest_commit, latest_release, checks } = body.entity.properties;
  return { repository_state, default_branch, latest_commit: latest_commit?.sha, latest_release: latest_release?.tag, checks: checks?.state };
}

async function untilTrue(name: string, id: number): Promise<void> {
  for (const deadline = Date.now() + 30_000; ; await pause(200)) {
    const [expected, seen] = [await truth(id), await shown(name)];
    if (JSON.stringify(seen) === JSON.stringify(expected) && seen.checks === 'success') return;
    if (Date.now() > deadline) {
      expect(seen).toEqual(expected);
      throw new Error('The checks never ended.');
    }
  }
}

describe('an entity shows what is true of its repository', () => {
  it('as its webhooks tell it, up to its new name', async () => {
    const { name, id } = await holder('told');
    await live(name, 'told-anew');
    await untilTrue(name, id);
    const { body } = await api.call(`/v1/blueprints/service/entities/${name}`);
    expect(body.entity.properties.repository_notice).toMatch(/^Was .*\/told, and is .*\/told-anew now\.$/);
    expect(await redeliver()).toEqual({ redelivered: 0, lost: 0 });
  }, 60_000);

  it.each([1, 2, 3])('though webhooks are lost, doubled and overtake each other (%s)', async (seed) => {
    const { name, id } = await holder(`shuffled-${seed}`);
    await faults(['webhook-lost', 'webhook-doubled', 'webhook-reordered'], 0.25, seed);
    await live(name, `shuffled-anew-${seed}`);
    await untilQuiet();
    await faults([], 0, 0);
    await redeliver();
    await untilTrue(name, id);
  }, 90_000);

  it('after it could not be reached for a while', async () => {
    const { name, id } = await holder('unreached');
    await faults(['webhook-lost'], 1, 1);
    await live(name, 'unreached-anew');
    await untilQuiet();
    expect((await shown(name)).latest_commit).toBeUndefined();
    await faults([], 0, 0);
    expect(await redeliver()).toMatchObject({ redelivered: expect.any(Number) as number });
    await untilTrue(name, id);
    await untilQuiet();
    expect(await redeliver()).toEqual({ redelivered: 0, lost: 0 });
  }, 90_000);

  it('by asking, where no webhook ever told', async () => {
    const { name, id } = await holder('asked');
    await faults(['webhook-lost'], 1, 1);
    await live(name, 'asked-anew');
    await untilQuiet();
    await api.database.pool.query(`UPDATE entities SET read_due_at = now() WHERE identifier = $1`, [name]);
    await untilTrue(name, id);
    await github('PATCH', `/repositories/${id}`, { archived: false }).catch(() => github('PATCH', `/repos/${sandbox.github.org}/asked-anew`, { archived: false }));
    await github('DELETE', `/repos/${sandbox.github.org}/asked-anew`);
    await api.database.pool.query(`UPDATE entities SET read_due_at = now() WHERE identifier = $1`, [name]);
    for (const deadline = Date.now() + 20_000; (await shown(name)).repository_state !== 'deleted'; await pause(200)) {
      if (Date.now() > deadline) throw new Error('It was never seen to be gone.');
    }
  }, 90_000);
});

/** Every webhook so far has been sent, or lost: workflow runs last a second or two. */
async function untilQuiet(): Promise<void> {
  let before = -1;
  for (;;) {
    const { github: state } = (await sandbox.callControl('GET', '/state')) as { github: { webhooksSent: unknown[] } };
    if (state.webhooksSent.length === before) return;
    before = state.webhooksSent.length;
    await pause(2_500);
  }
}
