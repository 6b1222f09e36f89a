import { MemoryRateLimiter, NotNow, systemClock } from '@slipway/engine';
import { createStepRig, failureOf, sandboxForSuite } from '@slipway/engine/testing';
import { createGithubClient, type GithubClient } from './client.js';
import { GithubConfig } from './config.js';

const sandbox = sandboxForSuite();
const reference = 'env:GITHUB_TOKEN';

/** Two of them are two workers: what they share is the limiter. */
function aWorker(limiter: MemoryRateLimiter): GithubClient {
  const { url, org } = sandbox.github;
  return createGithubClient(GithubConfig.parse({ url, apiUrl: `${url}/api/v3`, org, token: reference, webhookSecret: reference }), limiter);
}

function aContext() {
  return createStepRig({ kinds: [], secrets: { [reference]: sandbox.github.token } }).context();
}

const create = (github: GithubClient, name: string) =>
  github.call(aContext(), {
    what: `create ${name}`,
    write: true,
    needs: {},
    send: (octokit) => octokit.rest.repos.createInOrg({ org: sandbox.github.org, name }),
  });

const read = (github: GithubClient) =>
  github.call(aContext(), { what: 'read the organisation', needs: {}, send: (octokit) => octokit.rest.orgs.get({ org: sandbox.github.org }) });

it('writes of all workers leave one at a time and a second apart; reads do not wait for them', async () => {
  const limiter = new MemoryRateLimiter(systemClock);
  const [one, other] = [aWorker(limiter), aWorker(limiter)];
  await sandbox.fault({ system: 'github', match: { method: 'POST', path: '/orgs/*/repos' }, fault: 'slow', delayMs: 2_500, times: 1 });
  const begun = Date.now();
  const writes = [create(one, 'paced-1'), create(other, 'paced-2'), create(one, 'paced-3')];
  const reading = Promise.all([read(one), read(other)]).then(() => 'the reads');
  expect(await Promise.race([...writes, reading])).toBe('the reads');
  await Promise.all(writes);
  // The first took 2.5 s, the second leaves after it, the third a second later.
  expect(Date.now() - begun).toBeGreaterThanOrEqual(3_450);
}, 30_000);

it('what GitHub asks of one worker keeps the others away, and holds none of them', async () => {
  const limiter = new MemoryRateLimiter(systemClock);
  const [one, other] = [aWorker(limiter), aWorker(limiter)];
  await sandbox.fault({ system: 'github', match: { path: '/orgs/*' }, fault: 'secondary-rate-limit', delayMs: 40_000, times: 1 });
  expect(await failureOf(read(one))).toMatchObject({ code: 'github_rate_limited', retryAfterMs: 40_000 });
  const refused = await read(other).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(NotNow);
  expect((refused as NotNow).held).toMatchObject({ afterMs: expect.any(Number), reason: expect.stringContaining('asked us to stay away') });
  expect((refused as NotNow).held.afterMs).toBeGreaterThan(30_000);
});

it('the hour that is used up is waited out by all', async () => {
  const limiter = new MemoryRateLimiter(systemClock);
  await sandbox.fault({ system: 'github', match: { path: '/orgs/*' }, fault: 'rate-limit', delayMs: 1_800_000, times: 1 });
  const { retryAfterMs } = await failureOf(read(aWorker(limiter)));
  expect(retryAfterMs).toBeGreaterThan(1_700_000);
  await expect(read(aWorker(limiter))).rejects.toBeInstanceOf(NotNow);
});
