import { StepError } from '@slipway/engine';
import type { CallContext, GithubClient } from './client.js';

/** GitHub redelivers what is no older: https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks */
const redeliverableMs = 3 * 24 * 3_600_000;
const mostDeliveries = 5_000;

/** `lost`: GitHub does not keep them any more. */
export type Redelivered = { redelivered: number; lost: number } | { refused: string };

/**
 * GitHub sends each webhook once and leaves it at that. Asks for another attempt of all that never arrived at the
 * organisation's hook with this address. `refused`: we may not see the organisation's hooks, or there is none to us.
 */
export async function redeliverFailed(github: GithubClient, ctx: CallContext, url: string): Promise<Redelivered> {
  const { org } = github.config;
  try {
    const hookId = await findHook(github, ctx, url);
    if (hookId === undefined) return { refused: `The organisation ${org} has no webhook to ${url}.` };
    const failed = await failedDeliveries(github, ctx, hookId);
    let lost = 0;
    for (const deliveryId of failed) if (!(await redeliver(github, ctx, hookId, deliveryId))) lost += 1;
    return { redelivered: failed.length - lost, lost };
  } catch (error) {
    if (!(error instanceof StepError) || !['github_forbidden', 'github_not_found'].includes(error.code)) throw error;
    return { refused: error.message };
  }
}

/** False: GitHub does not keep it any more. */
async function redeliver(github: GithubClient, ctx: CallContext, hookId: number, deliveryId: number): Promise<boolean> {
  const asked = { org: github.config.org, hook_id: hookId, delivery_id: deliveryId };
  try {
    await github.call(ctx, {
      ...{ what: `have a webhook of ${asked.org} delivered again`, write: true, needs: { organization_hooks: 'write' } },
      send: (octokit) => octokit.rest.orgs.redeliverWebhookDelivery(asked),
    });
    return true;
  } catch (error) {
    if (error instanceof StepError && error.code === 'github_not_found') return false;
    throw error;
  }
}

async function findHook(github: GithubClient, ctx: CallContext, url: string): Promise<number | undefined> {
  const { org } = github.config;
  const call = { what: `look for the webhooks of ${org}`, needs: { organization_hooks: 'read' } } as const;
  const hooks = await github.call(ctx, { ...call, send: async (octokit) => (await octokit.rest.orgs.listWebhooks({ org, per_page: 100 })).data });
  const hook = hooks.find(({ config }) => config.url === url);
  return hook && Number(hook.id);
}

/** The newest attempt of each that has no good one, oldest first. An event keeps its GUID from one attempt to the next. */
async function failedDeliveries(github: GithubClient, ctx: CallContext, hookId: number): Promise<number[]> {
  const since = ctx.clock.now().getTime() - redeliverableMs;
  const failed = new Map<string, number>();
  const arrived = new Set<string>();
  const query = { org: github.config.org, hook_id: hookId, per_page: 100 };
  await github.call(ctx, {
    ...{ what: `read how the webhooks of ${query.org} were delivered`, needs: { organization_hooks: 'read' } },
    send: async (octokit) => {
      let seen = 0;
      for await (const { data } of octokit.paginate.iterator(octokit.rest.orgs.listWebhookDeliveries, query)) {
        for (const { id, guid, status_code: code, delivered_at: at } of data) {
          if (Date.parse(at) < since) return;
          if (code >= 200 && code < 300) arrived.add(guid);
          else if (!failed.has(guid)) failed.set(guid, Number(id));
        }
        if ((seen += data.length) >= mostDeliveries) return;
      }
    },
  });
  return [...failed].filter(([guid]) => !arrived.has(guid)).map(([, id]) => id).reverse();
}
