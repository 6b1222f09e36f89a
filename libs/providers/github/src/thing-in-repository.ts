import { type LedgerResource, type Removal, type ResourceContext, type ResourceKind, type StepContext, StepError } from '@slipway/engine';
import type { GithubClient } from './client.js';
import { findRepository, type Repository } from './find-repository.js';
import { isOurs } from './mark.js';

/**
 * Hooks, environments, secrets, keys, autolinks, sites and protections of a repository have no place for a mark. Whose they are is
 * told by their repository, and by the ledger: one that is there before it was planned is somebody else's.
 */
export interface Thing {
  kind: string;
  /** Within the repository: the address of a hook, the name of an environment. */
  name: string;
  /** owner/name */
  repository: string;
  /** Begins with a capital: `Webhook https://ci.example.com of acme/shop`. */
  title: string;
  properties?: Record<string, unknown>;
}

interface Ways<T> {
  find: () => Promise<T | undefined>;
  make: () => Promise<T>;
  /** Brings what is there to what it is to be. */
  renew: (found: T) => Promise<T>;
  /** What the ledger is to remember. */
  record: (thing: T) => { url?: string; properties?: Record<string, unknown> };
}

/** @throws StepError `github_thing_foreign` where somebody else's has the name. */
export async function ensureThing<T>(ctx: StepContext, within: Repository, thing: Thing, { find, make, renew, record }: Ways<T>): Promise<T> {
  const { kind, title } = thing;
  const externalId = externalIdOf(thing);
  const planned = (await ctx.resources.standing()).some((row) => row.kind === kind && row.externalId === externalId);
  const found = await find();
  if (found !== undefined && !planned) throw foreign(thing);
  await ctx.resources.plan({ kind, externalId, title, properties: { ...propertiesOf(thing), repositoryId: within.id } });
  const made = found === undefined ? await make() : await renew(found);
  await ctx.resources.created({ kind, externalId, ...record(made) });
  ctx.log.info(`${found === undefined ? 'Made' : 'Renewed'}: ${title}.`);
  return made;
}

/** How to look at and take away such a thing; `remove` answers whether there was one. */
export function kindOfThing(
  github: GithubClient,
  kind: string,
  ways: {
    exists(ctx: ResourceContext, repository: Repository, row: LedgerResource): Promise<boolean>;
    remove(ctx: ResourceContext, repository: Repository, row: LedgerResource): Promise<boolean>;
  },
): ResourceKind {
  const repositoryOf = (ctx: ResourceContext, row: LedgerResource) => findRepository(github, ctx, String(row.properties['repository']));
  return {
    kind,
    async observe(ctx, row) {
      const repository = await repositoryOf(ctx, row);
      if (!repository || !(await ways.exists(ctx, repository, row))) return { exists: false };
      return { exists: true, owned: isOurs(repository, ctx.mark, row.properties['repositoryId']) };
    },
    async remove(ctx, row) {
      const repository = await repositoryOf(ctx, row);
      if (!repository) return { outcome: 'absent' };
      if (!isOurs(repository, ctx.mark, row.properties['repositoryId'])) {
        return { outcome: 'foreign', note: `${repository.htmlUrl} does not carry the mark of this service: left as it is.` };
      }
      if (repository.archived) return keptAsArchived(repository);
      return { outcome: (await ways.remove(ctx, repository, row)) ? 'removed' : 'absent' };
    },
  };
}

/** Of whatever lies in an archived repository. */
export function keptAsArchived({ htmlUrl }: Repository): Removal {
  return { outcome: 'kept', note: `${htmlUrl} is archived, and so cannot be changed.` };
}

/** Where `error` says that there is none: undefined. */
export function absentIfNotFound(error: unknown): undefined {
  if (error instanceof StepError && error.code === 'github_not_found') return undefined;
  throw error;
}

export function externalIdOf({ repository, name }: Pick<Thing, 'repository' | 'name'>): string {
  return `${repository} ${name}`;
}

function propertiesOf({ repository, name, properties }: Thing): Record<string, unknown> {
  return { ...properties, repository, name };
}

function foreign({ title }: Thing): StepError {
  return new StepError('fatal', 'github_thing_foreign', `${title} is there already, and was not made by this service.`, {
    remedy: 'Choose another name or address, or have it removed on GitHub.',
  });
}
