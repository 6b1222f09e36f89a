import { KubeConfig } from '@kubernetes/client-node';
import { failureOf } from '@slipway/engine/testing';
import { KubernetesClient } from './client.js';
import { accessBy } from './cluster-access.js';

/** As with a kubeconfig whose program for credentials hangs. */
class HangingConfig extends KubeConfig {
  override applySecurityAuthentication(): Promise<void> {
    return new Promise(() => undefined);
  }
}

function clientWith(deadlineMs: number): KubernetesClient {
  const config = new HangingConfig();
  config.loadFromOptions({
    clusters: [{ name: 'one', server: 'https://127.0.0.1:9' }],
    users: [{ name: 'one' }],
    contexts: [{ name: 'one', cluster: 'one', user: 'one' }],
    currentContext: 'one',
  });
  const access = accessBy(config, () => config, () => undefined);
  return new KubernetesClient(access, deadlineMs);
}

const call = { doing: 'ask for its version', writes: false };

describe('a call whose credential does not come', () => {
  it('ends at its deadline', async () => {
    const error = await failureOf(clientWith(50).call(call, ({ version }) => version.getCode()));
    expect(error).toMatchObject({ classification: 'retry', code: 'kubernetes_unreachable' });
  });

  it('ends with the signal of whoever calls', async () => {
    const calling = { ...call, signal: AbortSignal.timeout(50) };
    const error = await failureOf(clientWith(60_000).call(calling, ({ version }) => version.getCode()));
    expect(error).toMatchObject({ classification: 'retry', code: 'kubernetes_unreachable' });
  });
});
