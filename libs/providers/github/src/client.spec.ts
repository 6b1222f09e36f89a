import { MemoryRateLimiter, systemClock } from '@slipway/engine';
import { createStepRig, failureOf } from '@slipway/engine/testing';
import { createGithubClient } from './client.js';
import { GithubConfig } from './config.js';

const github = createGithubClient(
  GithubConfig.parse({
    apiUrl: 'http://127.0.0.1:9',
    org: 'acme',
    token: 'env:GITHUB_TOKEN',
    webhookSecret: 'env:GITHUB_WEBHOOK_SECRET',
    throttle: false,
  }),
  new MemoryRateLimiter(systemClock),
);

function contextWith(token: string) {
  return createStepRig({ kinds: [], secrets: { 'env:GITHUB_TOKEN': token } }).context();
}

describe('a call', () => {
  it('that stands in line ends with the signal', async () => {
    const ctx = { ...contextWith('ghp_one'), signal: AbortSignal.timeout(50) };
    const error = await failureOf(github.call(ctx, { what: 'wait', write: true, needs: {}, send: () => new Promise(() => undefined) }));
    expect(error).toMatchObject({ classification: 'lost', code: 'github_unreachable' });
  });

  it('does not begin where the run is cancelled already', async () => {
    let sent = false;
    const ctx = { ...contextWith('ghp_one'), signal: AbortSignal.abort() };
    await failureOf(github.call(ctx, { what: 'wait', needs: {}, send: () => Promise.resolve((sent = true)) }));
    expect(sent).toBe(false);
  });

  it('with a token that no header can hold says so without the token', async () => {
    const send = { what: 'read acme', needs: {} };
    const error = await failureOf(
      github.call(contextWith('ghp_one\ntwo'), { ...send, send: (octokit) => octokit.rest.orgs.get({ org: 'acme' }) }),
    );
    expect(error.message).toContain('stray character');
    expect(`${error.message} ${error.stack ?? ''} ${JSON.stringify(error)}`).not.toContain('ghp_one');
  });
});
