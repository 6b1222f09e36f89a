import { StepError } from '@slipway/engine';
import { checkRights } from './check-rights.js';
import type { KubernetesClient } from './client.js';

/** Whether the API server answers, lets us in and lets us do what the steps do; `detail` says what to do where not. */
export async function checkHealth(client: KubernetesClient, signal: AbortSignal): Promise<{ ok: boolean; detail: string }> {
  try {
    const { gitVersion } = await client.call({ doing: 'ask for its version', writes: false, signal }, ({ version }) =>
      version.getCode(),
    );
    const server = `Kubernetes ${gitVersion} at ${client.server}`;
    const { missing, isUnbounded } = await checkRights(client, signal);
    if (missing.length > 0) {
      const mend = 'Bind the role of docs/manifests/kubernetes-rights.yaml to it, or the parts that your templates use.';
      return { ok: false, detail: `${server} does not let our account do: ${missing.join('; ')}. ${mend}` };
    }
    const more = ' Our account may do everything in it: the role of docs/manifests/kubernetes-rights.yaml is enough.';
    return { ok: true, detail: `${server}.${isUnbounded ? more : ''}` };
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    return { ok: false, detail: [error.message, error.remedy].filter(Boolean).join(' ') };
  }
}
