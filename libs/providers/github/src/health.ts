import { NotNow, StepError } from '@slipway/engine';
import type { AppAccess } from './app-access.js';
import type { CallContext, GithubClient } from './client.js';
import { missingPermissions, missingScopes } from './needed-permissions.js';

interface Health {
  ok: boolean;
  detail: string;
}

/** Whether GitHub answers, lets us in and lets us do what the steps do; `detail` says what to do where not. */
export async function checkHealth(github: GithubClient, ctx: CallContext): Promise<Health> {
  const { org } = github.config;
  try {
    const ill = github.app && (await diagnoseApp(github, github.app, ctx));
    if (ill) return { ok: false, detail: ill };
    const call = { what: `read the organisation ${org}`, needs: { metadata: 'read' } } as const;
    const { headers } = await github.call(ctx, { ...call, send: (octokit) => octokit.rest.orgs.get({ org }) });
    const lacking = missingScopes(headers['x-oauth-scopes']);
    if (lacking.length > 0) return { ok: false, detail: `The token at ${github.access.reference} lacks the scopes ${lacking.join(', ')}.` };
    return { ok: true, detail: `The organisation ${org} is reachable.` };
  } catch (error) {
    if (error instanceof NotNow) return { ok: false, detail: error.held.reason };
    if (!(error instanceof StepError)) throw error;
    return { ok: false, detail: [error.message, error.remedy].filter(Boolean).join(' ') };
  }
}

/** What is wrong with the installation, null where nothing is. */
async function diagnoseApp({ config }: GithubClient, app: AppAccess, ctx: CallContext): Promise<string | null> {
  const { suspendedAt, permissions, onAllRepositories, settingsUrl } = await app.installation(ctx);
  const mend = `An owner of ${config.org} mends it in the organisation's settings, under GitHub Apps (${settingsUrl}).`;
  if (suspendedAt) return `The installation of the GitHub App is suspended since ${suspendedAt}. ${mend}`;
  const missing = missingPermissions(permissions);
  if (missing.length > 0) return `The GitHub App lacks the permissions ${missing.join(', ')}. ${mend}`;
  return onAllRepositories ? null : `The GitHub App is installed on selected repositories, so not on those it makes. ${mend}`;
}
