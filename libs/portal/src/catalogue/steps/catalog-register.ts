import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { defineStep, type StepContext, type StepDefinition, StepError } from '@slipway/engine';
import { parseRepositoryUrl, readFromWorkspace, type RemoteContent } from '@slipway/templating';
import { z } from 'zod';
import { type DescribedEntity, parseCatalogInfo } from '../catalog-info.js';
import type { Catalogue, CataloguedEntity } from '../catalogue.js';
import { entityKindName, putEntity } from '../put-entity.js';

const Input = z
  .object({
    /** Of the file itself. */
    catalogInfoUrl: z.string().min(1).optional(),
    /** Of a repository's root, as the steps that publish one give it. Without either url, the file is the workspace's. */
    repoContentsUrl: z.string().min(1).optional(),
    /** From the root of the repository, or of the workspace. */
    catalogInfoPath: z.string().min(1).optional(),
    /** A file that is not there is no failure then. */
    optional: z.boolean().default(false),
  })
  .refine((input) => input.catalogInfoUrl === undefined || input.repoContentsUrl === undefined, 'takes catalogInfoUrl or repoContentsUrl, not both');
type Input = z.infer<typeof Input>;

const Output = z.strictObject({ entityRef: z.string().optional(), catalogInfoUrl: z.string() });
type Output = z.infer<typeof Output>;

const mostBytes = 1024 * 1024;

/**
 * Puts what a `catalog-info.yaml` describes into the catalogue, for the run's entity and its team. A `Component` of the
 * name of the run's entity is that entity; everything else becomes an entity of its own, by its kind, and goes with an undo.
 * Inputs and outputs are those of Backstage's action of this name.
 */
export function catalogRegister(catalogue: Catalogue, remote: RemoteContent): StepDefinition {
  return defineStep<Input, Output>({
    id: 'catalog:register',
    description: 'Registers what a catalog-info.yaml describes in the catalogue.',
    input: Input,
    output: Output,
    workspace: 'read',
    foresee: (input) => {
      const file = placeOf(input).path;
      // What is in the file is known once it has been rendered.
      return [{ effect: 'create', kind: entityKindName, externalId: `\${{ ${file} }}`, title: `What ${file} describes, in the catalogue` }];
    },
    run: async (ctx, input) => {
      const { url, path } = placeOf(input);
      const text = await textOf(ctx, remote, input);
      if (text === null && !input.optional) throw missing(url ?? path);
      if (text === null) ctx.log.info(`There is no ${url ?? path}; nothing was registered.`);
      const { entities, passedOver } = parseCatalogInfo(text ?? '', path);
      for (const what of passedOver) ctx.log.warn(`${what} was passed over: only components, APIs, resources, systems and domains are registered.`);
      if (text !== null && entities.length === 0) throw empty(path);
      const put = entities.map((described) => forRun(ctx, described));
      for (const entity of put) await putEntity(catalogue, ctx, entity);
      const main = put[Math.max(0, entities.findIndex(({ kind }) => kind === 'Component'))];
      return { output: { catalogInfoUrl: url ?? path, ...(main ? { entityRef: `${main.blueprint}:default/${main.identifier}` } : {}) } };
    },
  });
}

/** Where the file lies: its url, if it is given by one, and its path in repository or workspace. */
function placeOf({ catalogInfoUrl, repoContentsUrl, catalogInfoPath = '/catalog-info.yaml' }: Partial<Input>): { url: string | null; path: string } {
  const path = posix.join('/', catalogInfoPath).slice(1);
  if (catalogInfoUrl !== undefined) {
    const [, ...rest] = parseRepositoryUrl(catalogInfoUrl)?.rest?.split('/') ?? [];
    return { url: catalogInfoUrl, path: rest.join('/') || 'catalog-info.yaml' };
  }
  return { url: repoContentsUrl === undefined ? null : `${repoContentsUrl.replace(/\/+$/, '')}/${path}`, path };
}

/**
 * What this service's own runs have pushed is read from the workspace it was pushed from: it is the same file, and no other
 * host need be asked for it. Null: there is none.
 */
async function textOf(ctx: StepContext, remote: RemoteContent, input: Input): Promise<string | null> {
  const { url, path } = placeOf(input);
  if (url === null || (await isOwn(ctx, url))) {
    const text = await readFromWorkspace(ctx.files.workspace, path, mostBytes);
    if (text !== null || url === null) return text;
  }
  const scratch = await mkdtemp(join(tmpdir(), 'slipway-register-'));
  try {
    const text = await readFile(await remote.fetchFile(url, scratch, { signal: ctx.signal }), 'utf8');
    if (text.length > mostBytes) throw new StepError('fatal', 'file_too_large', `${url} holds more than ${mostBytes} bytes.`);
    return text;
  } catch (error) {
    if (error instanceof StepError && error.code === 'remote_missing') return null;
    throw error;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Whether the address is of something that the run's entity has standing, such as its repository. */
async function isOwn(ctx: StepContext, url: string): Promise<boolean> {
  const standing = await ctx.resources.standing();
  return standing.some((resource) => resource.url !== null && url.startsWith(`${resource.url.replace(/(\.git)?\/*$/, '')}/`));
}

function forRun({ entity: own }: Pick<StepContext, 'entity'>, { kind, entity }: DescribedEntity): CataloguedEntity {
  if (kind === 'Component' && entity.identifier === own.identifier) return { ...entity, blueprint: own.blueprint };
  return { ...entity, relations: { [own.blueprint]: own.identifier } };
}

function missing(what: string): StepError {
  return new StepError('fatal', 'catalog_info_missing', `There is no ${what} to register.`, {
    remedy: 'Render one (catalog:write, or the skeleton), correct the path, or say `optional: true`.',
  });
}

function empty(path: string): StepError {
  return new StepError('fatal', 'catalog_info_refused', `${path} describes nothing that can be registered.`, {
    remedy: 'Describe a Component, API, Resource, System or Domain in it.',
  });
}
