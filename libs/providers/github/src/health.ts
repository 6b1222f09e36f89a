import { StepError } from '@slipway/engine';
import type { CallContext, GithubClient } from './client.js';

/** Whether GitHub answers, takes our token and shows the organisation; `detail` says what to do where not. */
export async function checkHealth(github: GithubClient, ctx: CallContext): Promise<{ ok: boolean; detail: string }> {
  const { org } = github.config;
  try {
    await github.call(ctx, { what: `read the organisation ${org}`, send: (octokit) => octokit.rest.orgs.get({ org }) });
    return { ok: true, detail: `The organisation ${org} is reachable.` };
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    return { ok: false, detail: [error.message, error.remedy].filter(Boolean).join(' ') };
  }
}
