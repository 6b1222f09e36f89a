import { holdRun } from '../testing/run-history.js';
import { startApi, type StartedApi } from '../testing/start-api.js';

const touch = `
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: { name: touch, title: Touch it }
spec:
  operation: DAY-2
  blueprint: service
  steps: [{ id: only, action: 'debug:log', input: {} }]
`;

describe('a run in the line of its entity', () => {
  let api: StartedApi;
  beforeAll(async () => (api = await startApi({ 'touch/template.yaml': touch })));
  afterAll(() => api.close());

  const request = async (action: string, body: object): Promise<{ id: string; behind: string[] }> =>
    (await api.call(`/v1/actions/${action}/runs`, { method: 'POST', body })).body.run;
  const overRest = async (id: string) => (await api.call(`/v1/actions/runs/${id}`)).body.run.behind;
  const overGraphql = async (id: string) =>
    (await api.call('/graphql', { method: 'POST', body: { query: 'query ($id: ID!) { run(id: $id) { behind } }', variables: { id } } })).body.data.run.behind;
  const end = async (id: string) => {
    const run = await holdRun(api, id);
    await run.end();
    await run.close();
  };

  it('says behind which it is, from the answer to its request on, until it is its turn', async () => {
    await end((await request('deploy', { properties: { app_name: 'shop' } })).id);
    const first = await request('touch', { entity: 'shop' });
    const second = await request('touch', { entity: 'shop' });
    expect([first.behind, second.behind]).toEqual([[], [first.id]]);
    expect([await overRest(second.id), await overGraphql(second.id)]).toEqual([[first.id], [first.id]]);
    await end(first.id);
    expect([await overRest(second.id), await overGraphql(second.id)]).toEqual([[], []]);
  });
});
