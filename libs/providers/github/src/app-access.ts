import { createAppAuth } from '@octokit/auth-app';
import { StepError, untilAborted } from '@slipway/engine';
import { Octokit, RequestError } from 'octokit';
import type { Access, Scope } from './access.js';
import { classifyError } from './classify-error.js';
import type { CallContext } from './client.js';
import type { GithubConfig } from './config.js';
import { octokitOptions } from './octokit-options.js';

export interface AppAccess extends Access {
  /** What the organisation lets the App do. @throws StepError */
  installation(ctx: CallContext): Promise<Installation>;
}

interface Installation {
  suspendedAt: string | null;
  /** By name: read, write or admin. */
  permissions: Readonly<Record<string, string | undefined>>;
  onAllRepositories: boolean;
  settingsUrl: string;
}

/**
 * A GitHub App. Its tokens hold for an hour; octokit keeps each for a minute less, by what it is good for. The private key is
 * resolved for each call, so that a rotated one counts at once, and stays in memory as long as it is the current one.
 */
export function appAccess(config: GithubConfig, app: NonNullable<GithubConfig['app']>): AppAccess {
  let current: { privateKey: string; octokit: Octokit } | undefined;
  let found: number | undefined;
  /** Scopes whose last token was refused. */
  const stale = new Set<string>();

  async function asApp(ctx: CallContext): Promise<Octokit> {
    const privateKey = await ctx.secrets.resolve(app.privateKey);
    if (current?.privateKey !== privateKey) current = { privateKey, octokit: connect(config, app.id, privateKey) };
    return current.octokit;
  }

  async function installationId(ctx: CallContext): Promise<number> {
    if (app.installationId !== undefined) return app.installationId;
    found ??= await findInstallation(await asApp(ctx), ctx);
    return found;
  }

  async function findInstallation(octokit: Octokit, ctx: CallContext): Promise<number> {
    const what = `find the installation of the GitHub App in ${config.org}`;
    const { data } = await ask(ctx, what, () => octokit.rest.apps.getOrgInstallation({ org: config.org }));
    return data.id;
  }

  async function issue(ctx: CallContext, scope: Scope): Promise<string> {
    const octokit = await asApp(ctx);
    const key = keyOf(scope);
    const asked = {
      type: 'installation',
      installationId: await installationId(ctx),
      permissions: scope.needs,
      ...(scope.repository !== undefined && { repositoryNames: [nameOf(scope.repository)] }),
      refresh: stale.has(key),
    };
    const { token } = (await ask(ctx, `get a token for ${scopeInWords(scope, config)}`, () => octokit.auth(asked))) as { token: string };
    stale.delete(key);
    return token;
  }

  async function ask<T>(ctx: CallContext, what: string, send: () => Promise<T>): Promise<T> {
    try {
      return await untilAborted(send(), ctx.signal);
    } catch (error) {
      // Neither an answer nor a call that was broken off: there was no request at all.
      if (!(error instanceof RequestError) && !ctx.signal.aborted) throw badKey(what, app);
      throw classifyAppError(error, { what, now: ctx.clock.now(), app, org: config.org });
    }
  }

  return {
    reference: app.privateKey,
    async installation(ctx) {
      const id = await installationId(ctx);
      const octokit = await asApp(ctx);
      const { data } = await ask(ctx, `read installation ${id} of the GitHub App`, () => octokit.rest.apps.getInstallation({ installation_id: id }));
      return {
        suspendedAt: data.suspended_at,
        permissions: data.permissions,
        onAllRepositories: data.repository_selection === 'all',
        settingsUrl: data.html_url,
      };
    },
    async token(ctx, scope) {
      const token = await issue(ctx, scope).catch((error: unknown) => {
        // Somebody installed it anew: the installation that was found is another by now.
        if (!(error instanceof StepError) || error.code !== 'github_not_found' || found === undefined) throw error;
        found = undefined;
        return issue(ctx, scope);
      });
      ctx.secrets.protect(token);
      return token;
    },
    refused(scope) {
      stale.add(keyOf(scope));
      return true;
    },
  };
}

function connect(config: GithubConfig, appId: number | string, privateKey: string): Octokit {
  return new Octokit({ ...octokitOptions(config), authStrategy: createAppAuth, auth: { appId, privateKey } });
}

function keyOf({ needs, repository = '' }: Scope): string {
  return JSON.stringify([repository, Object.entries(needs).sort()]);
}

function nameOf(repository: string): string {
  return repository.slice(repository.indexOf('/') + 1);
}

function scopeInWords({ needs, repository }: Scope, { org }: GithubConfig): string {
  const permissions = Object.entries(needs).map(([name, level]) => `${name}: ${level}`);
  return `${repository ?? org} (${permissions.join(', ')})`;
}

interface AppCall {
  what: string;
  now: Date;
  app: NonNullable<GithubConfig['app']>;
  org: string;
}

/** What an App is refused, in other words than what a token is. */
function classifyAppError(error: unknown, { what, now, app, org }: AppCall): StepError {
  const status = error instanceof RequestError ? error.status : undefined;
  const said = error instanceof RequestError && error.response ? JSON.stringify(error.response.data) : '';
  if (status === 401 || status === 404) {
    const message = `Could not ${what}: GitHub does not know the App ${app.id}${status === 401 ? ', or not by this private key' : `, or it is not installed in ${org}`}.`;
    return new StepError('fatal', status === 401 ? 'github_unauthorized' : 'github_not_found', message, {
      remedy: `Check app.id and app.installationId of the GitHub integration and the private key at ${app.privateKey}; have an owner of ${org} install the App on all repositories.`,
    });
  }
  if (/suspended/i.test(said)) {
    return new StepError('fatal', 'github_app_suspended', `Could not ${what}: the installation of the App is suspended.`, {
      remedy: `An owner of ${org} lifts it in the organisation's settings, under GitHub Apps.`,
    });
  }
  if (status === 422 && /repository/i.test(said)) {
    // Seen right after creation, too.
    return new StepError('retry', 'github_repository_not_found', `Could not ${what}: GitHub says that there is no such repository, or that the App may not see it.`, {
      remedy: 'It is tried again. If it goes on, have the App installed on all repositories.',
    });
  }
  if (status === 422) {
    return new StepError('fatal', 'github_forbidden', `Could not ${what}: the installation does not have these permissions.`, {
      remedy: `Give the App the permissions that docs/operating.md lists; an owner of ${org} then accepts them.`,
    });
  }
  return classifyError(error, { what, write: false, tokenReference: app.privateKey, now });
}

function badKey(what: string, { privateKey }: AppCall['app']): StepError {
  return new StepError('fatal', 'github_app_key', `Could not ${what}: the private key of the App is not one that can be signed with.`, {
    remedy: `Put the PEM that GitHub gave at ${privateKey}, all lines of it.`,
  });
}
