import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { EntityRef } from '@slipway/contracts';
import { createStepRig, exerciseStep, type StepRig, type StepScene } from '@slipway/engine/testing';
import { createRemoteContent } from '@slipway/templating';
import type { Catalogue } from '../catalogue/catalogue.js';
import { registeredEntity } from '../catalogue/registered-entity-kind.js';
import { catalogFetch } from '../catalogue/steps/catalog-fetch.js';
import { catalogRegister } from '../catalogue/steps/catalog-register.js';
import { catalogUpsert } from '../catalogue/steps/catalog-upsert.js';

export interface CatalogueRig {
  catalogue: Catalogue;
  /** An entity of a blueprint that is there, as a request makes it, on whose behalf steps then act. */
  addOwner(entity: EntityRef, mark: string): Promise<void>;
}

/** What every catalogue, and the steps on it, must do. */
export function exerciseCatalogue(name: string, open: () => Promise<CatalogueRig>): void {
  const remote = createRemoteContent([]);
  let scenes = 0;

  async function begin() {
    const { catalogue, addOwner } = await open();
    const owner = { blueprint: 'service', identifier: `owner-${(scenes += 1)}` };
    const mark = `r_mark-${process.pid}-${scenes}`;
    await addOwner(owner, mark);
    const workspace = await mkdtemp(path.join(tmpdir(), 'slipway-catalogue-'));
    const files = { workspace, template: workspace };
    const rig = createStepRig({ kinds: [registeredEntity(catalogue)], files, mark, entity: owner });
    return { catalogue, addOwner, owner, mark, files, rig, close: () => rm(workspace, { recursive: true }) };
  }

  /** For the conformance suite, whose rig acts for an entity of a fixed name. */
  async function sceneOf(step: (catalogue: Catalogue) => StepScene['step'], inputOf: (identifier: string) => Record<string, unknown>): Promise<StepScene> {
    const { catalogue, addOwner, mark, files, close } = await begin();
    const entity = { blueprint: 'component', identifier: `thing-${scenes}` };
    await addOwner({ blueprint: 'service', identifier: 'conformance' }, mark);
    await writeFile(path.join(files.workspace, 'catalog-info.yaml'), component(entity.identifier));
    return {
      step: step(catalogue),
      kinds: [registeredEntity(catalogue)],
      ...{ input: inputOf(entity.identifier), files, mark, close },
      makes: ['catalog:entity'],
      count: async () => ((await catalogue.find(entity)) ? 1 : 0),
      foreign: {
        make: async () => {
          const other = { blueprint: 'service', identifier: `other-${scenes}` };
          await addOwner(other, 'r_other');
          await catalogue.put({ ...entity, title: 'Another', properties: {}, relations: {}, blueprintTitle: 'Component' }, { entity: other, mark: 'r_other' });
        },
        look: () => catalogue.find(entity),
        code: 'entity_taken',
      },
    };
  }

  describe(name, () => {
    exerciseStep('catalog:register', () => sceneOf((catalogue) => catalogRegister(catalogue, remote), () => ({})));
    exerciseStep('catalog:upsert', () => sceneOf(catalogUpsert, (identifier) => ({ blueprint: 'component', identifier, properties: { tier: 1 } })));
    exerciseStep(
      'catalog:fetch',
      async () => ({ ...(await sceneOf(catalogFetch, () => ({ entityRef: 'component:default/nobody', optional: true }))), makes: [] }),
      { makesNothing: 'it reads' },
    );

    it('hands out what was registered as it was described', async () => {
      const { catalogue, owner, files, rig, close } = await begin();
      const identifier = `described-${scenes}`;
      await writeFile(path.join(files.workspace, 'catalog-info.yaml'), `${component(identifier)}---\n${api(`api-of-${identifier}`)}`);
      expect(await rig.run(catalogRegister(catalogue, remote), {})).toEqual({
        entityRef: `component:default/${identifier}`,
        catalogInfoUrl: 'catalog-info.yaml',
      });
      const { entities } = (await rig.run(catalogFetch(catalogue), { entityRefs: [identifier, `API:api-of-${identifier}`], defaultKind: 'Component' })) as { entities: unknown[] };
      expect(entities).toEqual([
        {
          ...{ apiVersion: 'backstage.io/v1alpha1', kind: 'Component', spec: { type: 'website', owner: 'team-a', lifecycle: 'production' } },
          metadata: { namespace: 'default', name: identifier, title: 'A thing', description: 'What it is.', tags: ['one'] },
        },
        expect.objectContaining({ kind: 'API', spec: { type: 'openapi', definition: '{}' } }),
      ]);
      expect(await catalogue.find({ blueprint: 'component', identifier })).toMatchObject({ relations: { service: owner.identifier }, status: 'ready' });
      await rig.undo();
      expect(await catalogue.find({ blueprint: 'api', identifier: `api-of-${identifier}` })).toBeNull();
      await close();
    });

    it('has a component of the name of the run’s entity be that entity, which stays when the run is undone', async () => {
      const { catalogue, owner, files, rig, close } = await begin();
      await writeFile(path.join(files.workspace, 'info.yaml'), component(owner.identifier));
      expect(await rig.run(catalogRegister(catalogue, remote), { catalogInfoPath: '/info.yaml' })).toMatchObject({ entityRef: `service:default/${owner.identifier}` });
      expect(await rig.ledger.standing()).toEqual([]);
      expect(await catalogue.find({ blueprint: 'component', identifier: owner.identifier })).toBeNull();
      await close();
    });

    it('leaves on undo what an earlier run of the same service registered', async () => {
      const { catalogue, rig, close } = await begin();
      const input = { blueprint: 'service', identifier: `kept-${scenes}` };
      await rig.run(catalogUpsert(catalogue), input);
      const later = rig.context({ runId: 'r_later' });
      await catalogUpsert(catalogue).run(later, catalogUpsert(catalogue).input.parse({ ...input, properties: { tier: 2 } }));
      expect((await rig.ledger.standing()).map(({ runId }) => runId)).toEqual([rig.mark]);
      expect(await catalogue.find(input)).toMatchObject({ properties: { tier: 2 } });
      await close();
    });

    it('says what is not there', async () => {
      const { catalogue, rig, close } = await begin();
      await expect(rig.run(catalogFetch(catalogue), { entityRef: 'component:default/nobody' })).rejects.toMatchObject({ code: 'entity_not_found' });
      await expect(rig.run(catalogFetch(catalogue), { entityRef: 'nobody' })).rejects.toMatchObject({ code: 'entity_reference_invalid' });
      await expect(rig.run(catalogRegister(catalogue, remote), {})).rejects.toMatchObject({ code: 'catalog_info_missing' });
      expect(await rig.run(catalogRegister(catalogue, remote), { optional: true })).toEqual({ catalogInfoUrl: 'catalog-info.yaml' });
      await close();
    });

    it('reads what the service itself has published from the workspace, and asks an allowed host for all else', async () => {
      const { catalogue, files, rig, close } = await begin();
      await writeFile(path.join(files.workspace, 'catalog-info.yaml'), component(`published-${scenes}`));
      await plan(rig, 'https://git.example/acme/shop');
      const register = catalogRegister(catalogue, remote);
      expect(await rig.run(register, { repoContentsUrl: 'https://git.example/acme/shop/blob/main' })).toEqual({
        entityRef: `component:default/published-${scenes}`,
        catalogInfoUrl: 'https://git.example/acme/shop/blob/main/catalog-info.yaml',
      });
      expect(await rig.run(register, { catalogInfoUrl: 'https://git.example/acme/shop/blob/main/catalog-info.yaml' })).toMatchObject({
        entityRef: `component:default/published-${scenes}`,
      });
      for (const other of ['https://git.example/acme/shop-two/blob/main', 'https://other.example/acme/shop/blob/main'])
        await expect(rig.run(register, { repoContentsUrl: other })).rejects.toMatchObject({ code: 'remote_refused' });
      await close();
    });
  });

  async function plan(rig: StepRig, url: string): Promise<void> {
    rig.ledger.rows.push({
      ...{ kind: 'git:repository', externalId: url, title: url, url, properties: {}, state: 'CREATED', runId: rig.mark },
      ...{ stepId: 'publish', depth: 0, note: null, removal: null },
    });
  }
}

function component(name: string): string {
  return `apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: ${name}, title: A thing, description: What it is., tags: [one] }
spec: { type: website, owner: team-a, lifecycle: production }
`;
}

function api(name: string): string {
  return `apiVersion: backstage.io/v1alpha1
kind: API
metadata: { name: ${name} }
spec: { type: openapi, definition: '{}' }
`;
}
