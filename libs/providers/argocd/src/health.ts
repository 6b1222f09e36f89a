import { NotNow, StepError } from '@slipway/engine';
import { z } from 'zod';
import { anyObject, type ArgocdClient, type CallContext } from './client.js';
import { expiryOf } from './token-expiry.js';

interface Health {
  ok: boolean;
  detail: string;
}

const UserInfo = z.object({ loggedIn: z.boolean().optional(), username: z.string().optional() });

/** Whether Argo CD answers, lets us in and shows us the project; `detail` says what to do where not. */
export async function checkHealth(argocd: ArgocdClient, ctx: CallContext): Promise<Health> {
  try {
    const user = await argocd.call(ctx, {
      what: 'ask Argo CD who we are',
      method: 'GET',
      path: '/session/userinfo',
      answer: UserInfo,
    });
    if (!user.loggedIn) {
      return { ok: false, detail: 'Argo CD answers but does not know us. Check the token or password of the integration.' };
    }
    await lookAtProject(argocd, ctx);
    const who = `Logged in to Argo CD as ${user.username || 'a token'}.`;
    return { ok: true, detail: [who, await tokenEnds(argocd, ctx)].filter(Boolean).join(' ') };
  } catch (error) {
    if (error instanceof NotNow) return { ok: false, detail: error.held.reason };
    if (!(error instanceof StepError)) throw error;
    return { ok: false, detail: [error.message, error.remedy].filter(Boolean).join(' ') };
  }
}

/** Nothing can be deployed to a project that is not there, or that we may not see. */
async function lookAtProject(argocd: ArgocdClient, ctx: CallContext): Promise<void> {
  const { project } = argocd.config;
  await argocd.call(ctx, {
    what: `look at the project ${project} in Argo CD`,
    method: 'GET',
    path: `/projects/${encodeURIComponent(project)}`,
    answer: anyObject,
  });
}

const soonMs = 14 * 24 * 3_600_000;

/** Of a token that somebody has to replace; a session is renewed by itself. */
async function tokenEnds({ config, session }: ArgocdClient, ctx: CallContext): Promise<string> {
  if (!('token' in config)) return '';
  const until = expiryOf(await session.token(ctx));
  if (until === undefined) return 'Its token never ends: one that ends is safer.';
  const at = new Date(until).toISOString();
  if (until - ctx.clock.now().getTime() > soonMs) return `Its token ends at ${at}.`;
  return `Its token ends soon, at ${at}: have Argo CD issue another and put it at ${config.token}; no restart is needed.`;
}
