import { StepError } from '@slipway/engine';
import { z } from 'zod';
import type { ArgocdClient, CallContext } from './client.js';

/** Whether Argo CD answers and lets us in; `detail` says what to do where not. */
export async function checkHealth(argocd: ArgocdClient, ctx: CallContext): Promise<{ ok: boolean; detail: string }> {
  try {
    const answer = z.object({ loggedIn: z.boolean().optional(), username: z.string().optional() });
    const user = await argocd.call(ctx, { what: 'ask Argo CD who we are', method: 'GET', path: '/session/userinfo', answer });
    if (user.loggedIn) return { ok: true, detail: `Logged in to Argo CD as ${user.username ?? 'a token'}.` };
    return { ok: false, detail: 'Argo CD answers but does not know us. Check the token or password of the integration.' };
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    return { ok: false, detail: [error.message, error.remedy].filter(Boolean).join(' ') };
  }
}
