import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Octokit } from 'octokit';
import type { SandboxContext } from '../core/context.js';
import type { Fault } from '../core/fault.js';
import { RequestLog } from '../core/request-log.js';
import { createServer } from '../core/serve.js';
import { createGitHub, type GitHub } from '../github/create-github.js';
import { openTestContext } from '../mariadb/test-context.js';
import { until } from './until.js';
import { GitClient } from './git-client.js';
import { assertPayload, connectOctokit } from './github-description.js';
import { type Received, receiveWebhooks } from './webhook-receiver.js';

export interface GitHubUnderTest {
  credentials: GitHub['credentials'];
  owner: string;
  octokit: Octokit;
  ctx: SandboxContext;
  /** All webhooks of the organisation, each checked against GitHub's description at the end. */
  webhooks: { received: Received[]; next(wanted: string): Promise<Received> };
  fault(fault: Partial<Fault> & Pick<Fault, 'fault'>): void;
  create(name: string, options?: object): Promise<number>;
  /** A working copy whose `origin` is the repository. */
  workingCopy(name: string): Promise<GitClient>;
  /** Ends the server and starts another over the same data, as a restart does. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** The GitHub stand-in alone, in this process and over real HTTP. */
export async function startGitHub(): Promise<GitHubUnderTest> {
  const { ctx, close } = await openTestContext();
  const scratch = await mkdtemp(join(tmpdir(), 'sandbox-git-'));
  let running = await serve(ctx);
  const { credentials } = running.github;
  const octokit = connectOctokit(credentials);
  const receiver = await receiveWebhooks();
  const owner = credentials.org;
  const config = { url: receiver.url, content_type: 'json', secret: 'not-a-real-secret' };
  await octokit.rest.orgs.createWebhook({ org: owner, name: 'web', config, events: ['*'] });
  return {
    credentials,
    owner,
    octokit,
    ctx,
    webhooks: receiver,
    fault: (fault) => ctx.faults.set([{ system: 'github', match: {}, probability: 1, seed: 1, ...fault }]),
    create: async (name, options) => (await octokit.rest.repos.createInOrg({ org: owner, name, private: true, ...options })).data.id,
    workingCopy: async (name) => {
      const copy = await GitClient.init(scratch, credentials.token);
      await copy.git('remote', 'add', 'origin', `${credentials.url}/${owner}/${name}.git`);
      return copy;
    },
    restart: async () => {
      await running.close();
      running = await serve(ctx);
      // A client learns only by trying that the connections it kept are gone.
      await until(async () => fetch(credentials.url).then(({ ok }) => ok, () => false), (answers) => answers);
    },
    stop: async () => {
      await running.close();
      await receiver.close();
      await close();
      await rm(scratch, { recursive: true, force: true });
      for (const received of receiver.received) assertPayload(received);
    },
  };
}

async function serve(ctx: SandboxContext) {
  const github = createGitHub(ctx, { url: 'http://127.0.0.1:9/unused', secret: 'unused', events: [] });
  const { store, clock, faults } = ctx;
  const server = await createServer(github, { store, clock, faults, log: new RequestLog(clock, () => []), latency: new Map() });
  await server.listen({ host: ctx.host, port: ctx.ports.github });
  const close = async () => {
    await server.close();
    await github.close();
  };
  return { github, close };
}
