import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { TemplateSourceView } from '@slipway/contracts';
import { startApi, type StartedApi, webhookSecret } from '../testing/start-api.js';

const run = promisify(execFile);

/** A golden path in a repository of git's own; `say` is what its only step logs. */
class Repository {
  private constructor(readonly folder: string) {}

  static async create(): Promise<Repository> {
    const repository = new Repository(await mkdtemp(path.join(tmpdir(), 'slipway-paths-')));
    await repository.git('init', '--quiet', '--initial-branch', 'main');
    return repository;
  }

  get url(): string {
    return `file://${this.folder}`;
  }

  async commit(message: string, files: Record<string, string>): Promise<string> {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(this.folder, name)), { recursive: true });
      await writeFile(path.join(this.folder, name), content);
    }
    await this.git('add', '--all');
    await this.git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', 'commit', '--quiet', '--message', message);
    return (await this.git('rev-parse', 'HEAD')).trim();
  }

  private async git(...args: string[]): Promise<string> {
    return (await run('git', args, { cwd: this.folder })).stdout;
  }
}

function greet(say: string, action = 'debug:log', name = 'greet'): string {
  return `apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: { name: ${name} }
spec:
  type: service
  parameters: { required: [app_name], properties: { app_name: { type: string } } }
  steps: [{ id: only, action: '${action}', input: { message: ${say} } }]
`;
}

describe('template sources', () => {
  let repository: Repository;
  let api: StartedApi;
  let first: string;
  beforeAll(async () => {
    repository = await Repository.create();
    first = await repository.commit('Greet', { 'paths/greet/template.yaml': greet('one'), 'README.md': 'outside' });
    api = await startApi({}, [
      { name: 'paths', git: repository.url, path: 'paths', refreshSeconds: 600 },
      { name: 'nowhere', git: `file://${repository.folder}-not`, refreshSeconds: 600 },
    ]);
  });
  afterAll(async () => {
    await api.close();
    await rm(repository.folder, { recursive: true });
  });

  const source = async (name = 'paths'): Promise<TemplateSourceView> => {
    const { body } = await api.call('/v1/templates/sources');
    return body.sources.find((one: TemplateSourceView) => one.name === name);
  };
  const post = (route: string, body: unknown = {}) => api.call(`/v1/templates/sources/${route}`, { method: 'POST', body });
  const digestOffered = async (): Promise<string> =>
    (await api.database.pool.query("SELECT template_digest FROM actions WHERE identifier = 'greet'")).rows[0]?.template_digest;
  const until = async (met: () => Promise<boolean>): Promise<void> => {
    for (let tries = 0; !(await met()); tries += 1) {
      if (tries > 200) throw new Error('It did not come to that.');
      await pause(50);
    }
  };

  it('are read at the start: folders before the api listens, repositories soon after', async () => {
    expect((await api.call('/v1/actions/deploy')).status).toBe(200);
    expect(await source('path')).toMatchObject({ url: null, versions: [{ commit: null, actions: ['deploy'], offered: true }] });
    await until(async () => (await api.call('/v1/actions/greet')).status === 200);
    await until(async () => (await source()).lookedAt !== null);
    expect(await source()).toMatchObject({
      ...{ url: repository.url, reference: 'main', path: 'paths', failure: null, held: false },
      versions: [
        {
          commit: { sha: first, author: 'Ada', message: 'Greet', at: expect.any(String) },
          changes: { added: ['greet/template.yaml'], changed: [], removed: [] },
          ...{ findings: [], actions: ['greet'], offered: true },
        },
      ],
    });
  });

  it('that cannot be read say why, and cost nothing else', async () => {
    await until(async () => (await source('nowhere')).failure !== null);
    expect((await source('nowhere')).failure).toContain(`git could not read file://${repository.folder}-not`);
  });

  it('offer what is new, tell what changed, and find nothing new twice', async () => {
    const before = await digestOffered();
    await repository.commit('Say it better', { 'paths/greet/template.yaml': greet('two'), 'paths/skeleton/a.txt': 'a' });
    expect(await post('paths/refresh')).toMatchObject({
      status: 200,
      body: {
        source: {
          failure: null,
          versions: [
            { commit: { message: 'Say it better' }, changes: { added: ['skeleton/a.txt'], changed: ['greet/template.yaml'] }, offered: true },
            { offered: false },
          ],
        },
      },
    });
    expect(await digestOffered()).not.toBe(before);
    expect((await post('paths/refresh')).body.source.versions).toHaveLength(2);
  });

  it('keep what is good when something broken comes, and show its findings', async () => {
    const before = await digestOffered();
    await repository.commit('Break it', { 'paths/greet/template.yaml': greet('three', 'debug:lög') });
    const { body } = await post('paths/refresh');
    expect(body.source.versions[0]).toMatchObject({
      commit: { message: 'Break it' },
      ...{ actions: null, offered: false },
      findings: [{ severity: 'error', code: 'unknown_action', file: 'greet/template.yaml', line: 7 }],
    });
    expect(await digestOffered()).toBe(before);
    expect(await post('paths/offer', { version: body.source.versions[0].id })).toMatchObject({ status: 409, body: { error: 'conflict' } });
  });

  it('go back to a version before and stay there, until the newest is asked for again', async () => {
    const { versions } = await source();
    const oldest = versions.at(-1);
    expect((await post('paths/offer', { version: oldest?.id })).body.source).toMatchObject({ held: true, offeredBy: 'spec-admin' });
    expect(await digestOffered()).toBe(oldest?.digest);
    const sha = await repository.commit('Mend it', { 'paths/greet/template.yaml': greet('four') });
    const { body } = await post('paths/refresh');
    expect(body.source.versions[0]).toMatchObject({ commit: { sha }, actions: ['greet'], offered: false });
    expect(await digestOffered()).toBe(oldest?.digest);
    expect((await post('paths/offer', { version: 'latest' })).body.source).toMatchObject({ held: false });
    expect(await digestOffered()).toBe(body.source.versions[0].digest);
  });

  it('are looked at once their repository says that it was pushed to', async () => {
    const sha = await repository.commit('Say it louder', { 'paths/greet/template.yaml': greet('five') });
    const push = {
      ref: 'refs/heads/main',
      repository: { id: 7, full_name: repository.folder.slice(1), html_url: 'https://git.example', default_branch: 'main', updated_at: new Date().toISOString() },
      head_commit: { id: sha, message: 'm', author: { name: 'Ada' }, url: 'https://git.example', timestamp: new Date().toISOString() },
    };
    const body = JSON.stringify(push);
    const signature = `sha256=${createHmac('sha256', webhookSecret).update(body).digest('hex')}`;
    const headers = { 'x-github-event': 'push', 'x-github-delivery': 'pushed', 'x-hub-signature-256': signature };
    expect((await api.call('/webhooks/github', { method: 'POST', anonymous: true, headers, body })).status).toBe(202);
    await until(async () => (await source()).versions[0]?.commit?.sha === sha && (await source()).versions[0]?.offered === true);
  });

  it('do not take an action from another source', async () => {
    await repository.commit('Take deploy', { 'paths/mine/template.yaml': greet('mine', 'debug:log', 'deploy') });
    const { body } = await post('paths/refresh');
    expect(body.source.versions[0]).toMatchObject({ actions: null, findings: [{ code: 'action_taken' }] });
  });

  it('are for administrators', async () => {
    const headers = { authorization: `Bearer ${api.memberToken}` };
    for (const [route, method] of [['', 'GET'], ['/paths/refresh', 'POST'], ['/paths/offer', 'POST']] as const) {
      const body = method === 'POST' ? { version: 'latest' } : undefined;
      expect((await api.call(`/v1/templates/sources${route}`, { method, headers, body })).status).toBe(403);
    }
    expect((await post('nobody/refresh')).status).toBe(404);
    expect((await post('paths/offer', { version: '999999' })).status).toBe(404);
    expect((await post('paths/offer', { version: 'newest' })).status).toBe(422);
  });
});
