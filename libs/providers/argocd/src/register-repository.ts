import { PlainUrl } from '@slipway/contracts';
import { defineStep, StepError, type StepContext, type StepDefinition } from '@slipway/engine';
import { z } from 'zod';
import type { ArgocdClient } from './client.js';
import type { RepositoryCredential } from './config.js';
import { findRepository, nameWithMark, type Registration } from './find-repository.js';
import { repositoryKind } from './repository-kind.js';

const Input = z.object({
  /** The URL that applications will name. */
  url: PlainUrl,
  /** Only applications of this project may use it; Argo CD tests no connection then. Absent: as the integration says. */
  project: z.string().min(1).optional(),
});
type Input = z.output<typeof Input>;
const Output = z.object({ url: z.string() });

export function registerRepository(argocd: ArgocdClient): StepDefinition {
  return defineStep({
    id: 'argocd:repository:register',
    description: 'Makes a repository known to Argo CD.',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: ({ url }) => [{ effect: 'create', kind: repositoryKind, externalId: url, title: `Argo CD repository ${url}` }],
    async run(ctx, input) {
      const { url } = input;
      const project = projectOf(argocd, input);
      const found = await findRepository(argocd, ctx, url, project);
      if (found) assertOurs(found, ctx.mark);
      const properties = { project: project ?? '' };
      await ctx.resources.plan({ kind: repositoryKind, externalId: url, title: `Argo CD repository ${url}`, properties });
      const credential = argocd.config.repositoryCredential;
      // Whether a credential is still the right one, Argo CD does not tell: ours is given anew.
      if (!found || credential) await register(argocd, ctx, { url, project, credential, isKnown: found !== undefined });
      await ctx.resources.created({ kind: repositoryKind, externalId: url, properties });
      ctx.log.info(`${found ? 'Argo CD knows' : 'Made Argo CD know'} the repository ${url}.`);
      return { output: { url } };
    },
  });
}

function projectOf({ config }: ArgocdClient, { project }: Input): string | undefined {
  return project ?? (config.repositoryScope === 'project' ? config.project : undefined);
}

interface Registering {
  url: string;
  project: string | undefined;
  credential: RepositoryCredential | undefined;
  /** Ours already: what it holds may be replaced. */
  isKnown: boolean;
}

const Registered = z.object({ repo: z.string() });

async function register(argocd: ArgocdClient, ctx: StepContext, { url, project, credential, isKnown }: Registering): Promise<void> {
  const secret = credential ? await resolve(ctx, credential) : {};
  try {
    await argocd.call(ctx, {
      what: `register the repository ${url} in Argo CD`,
      method: 'POST',
      path: '/repositories',
      ...(isKnown && { query: { upsert: 'true' } }),
      body: { repo: url, type: 'git', name: nameWithMark(ctx.mark), ...(project && { project }), ...secret },
      answer: Registered,
    });
  } catch (error) {
    if (!(error instanceof StepError) || error.code !== 'argocd_exists_differently') throw error;
    // Registered by somebody else since we looked, or where our account does not see it.
    throw taken(url);
  }
}

/** As the fields of Argo CD's Repository. */
async function resolve(ctx: StepContext, credential: RepositoryCredential): Promise<Record<string, unknown>> {
  if ('password' in credential) {
    return { username: credential.username, password: await ctx.secrets.resolve(credential.password) };
  }
  const { id, installationId, privateKey, enterpriseUrl } = credential.githubApp;
  return {
    githubAppID: id,
    githubAppInstallationID: installationId,
    githubAppPrivateKey: await ctx.secrets.resolve(privateKey),
    ...(enterpriseUrl && { githubAppEnterpriseBaseUrl: enterpriseUrl }),
  };
}

function assertOurs(found: Registration, mark: string): void {
  if (found.mark !== mark) throw taken(found.url);
}

function taken(url: string): StepError {
  return new StepError(
    'fatal',
    'argocd_repository_taken',
    `Could not register ${url}: Argo CD knows it already, and not from this service.`,
    {
      remedy: 'Have that registration removed from Argo CD (Settings, Repositories), then try again.',
    },
  );
}
