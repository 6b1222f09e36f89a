import { createStepRig, failureOf } from '@slipway/engine/testing';
import { catalogueProvider } from '@slipway/portal';
import { exerciseCatalogue } from '@slipway/portal/testing';
import { createRemoteContent } from '@slipway/templating';
import { ada, admin, bob, createPortalScene, type PortalScene, setUpMs } from '../testing/portal-scene.js';

let scene: PortalScene;
beforeAll(async () => (scene = await createPortalScene()), setUpMs);
afterAll(() => scene.database.drop());

const addOwner = (entity: { blueprint: string; identifier: string }, mark: string, team: string | null = null) =>
  scene.database.pool.query(
    `INSERT INTO entities (blueprint, identifier, title, team, status, mark, created_by) VALUES ($1, $2, $2, $4, 'creating', $3, 'ada')
     ON CONFLICT (blueprint, identifier) DO UPDATE SET mark = excluded.mark`,
    [entity.blueprint, entity.identifier, mark, team],
  );

exerciseCatalogue('the catalogue in PostgreSQL', async () => ({
  catalogue: scene.catalogue,
  addOwner: async (entity, mark) => void (await addOwner(entity, mark)),
}));

describe('what a run puts into the catalogue', () => {
  const provider = () => catalogueProvider(scene.catalogue, createRemoteContent([]));
  const step = (id: string) => {
    const found = provider().steps.find((definition) => definition.id === id);
    if (!found) throw new Error(id);
    return found;
  };

  async function rigFor(identifier: string, team: string | null) {
    const entity = { blueprint: 'service', identifier };
    const rig = createStepRig({ kinds: provider().kinds, entity });
    await addOwner(entity, rig.mark, team);
    return rig;
  }

  it('belongs to the team of the run’s entity, and other teams’ runs cannot read it', async () => {
    const [ours, theirs] = [await rigFor('walls', ada.team), await rigFor('walls-two', bob.team)];
    await ours.run(step('catalog:upsert'), { blueprint: 'service', identifier: 'part-of-walls' });
    expect(await scene.catalogue.find({ blueprint: 'service', identifier: 'part-of-walls' })).toMatchObject({ team: ada.team, createdBy: 'ada' });
    const fetch = { entityRef: 'service:part-of-walls' };
    expect(await ours.run(step('catalog:fetch'), fetch)).toMatchObject({ entity: { kind: 'service' } });
    expect(await failureOf(theirs.run(step('catalog:fetch'), fetch))).toMatchObject({ code: 'entity_not_found' });
    expect(await failureOf(theirs.run(step('catalog:upsert'), { blueprint: 'service', identifier: 'part-of-walls' }))).toMatchObject({ code: 'entity_taken' });
  });

  it('leaves alone what the blueprint declares of the run’s own entity', async () => {
    const run = await scene.deploy('own-facts');
    const rig = createStepRig({ kinds: [], mark: run.id, entity: { blueprint: 'service', identifier: 'own-facts' } });
    await rig.run(step('catalog:upsert'), { ...{ blueprint: 'service', identifier: 'own-facts' }, properties: { namespace: 'stolen', tier: 1 } });
    expect((await scene.catalogue.find({ blueprint: 'service', identifier: 'own-facts' }))?.properties).toMatchObject({ namespace: 'own-facts', tier: 1 });
  });

  it('needs a blueprint that is there, but for what Backstage knows', async () => {
    const rig = await rigFor('blueprints', null);
    expect(await failureOf(rig.run(step('catalog:upsert'), { blueprint: 'unheard_of', identifier: 'x' }))).toMatchObject({ code: 'blueprint_unknown' });
  });

  it('stays while something of its own stands', async () => {
    const rig = await rigFor('holder', null);
    await rig.run(step('catalog:upsert'), { blueprint: 'service', identifier: 'held' });
    const run = await scene.deploy('elsewhere', {}, admin);
    await scene.end(run.id, 'SUCCEEDED', [{ externalId: 'acme/held', title: 'Repository acme/held' }]);
    await scene.database.pool.query(`UPDATE resources SET entity = 'held' WHERE external_id = 'acme/held'`);
    expect(await failureOf(rig.undo())).toMatchObject({ code: 'entity_in_use', message: expect.stringContaining('Repository acme/held stands') as string });
    expect(await scene.catalogue.find({ blueprint: 'service', identifier: 'held' })).not.toBeNull();
  });
});
