import { startApi, type StartedApi } from '../testing/start-api.js';

const head = 'apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\n';
const notes = `${head}
metadata: { name: notes }
spec:
  type: service
  identifier: \${{ parameters.name }}
  parameters: { required: [name], properties: { name: { type: string, pattern: '^[a-z]+$' } } }
  steps:
    - { id: render, action: fetch:template, input: { url: ../skeleton, values: { name: '\${{ parameters.name }}' } } }
    - { id: note, action: debug:log, input: { message: 'Rendered \${{ steps.render.output.files }} for \${{ context.task.id }}' } }
`;
const remove = `${head}
metadata: { name: remove }
spec:
  type: service
  operation: DELETE
  parameters: { required: [confirm], properties: { confirm: { type: string } } }
  steps: [{ id: only, action: 'resources:remove', input: {} }]
`;

describe('a plan over REST', () => {
  let api: StartedApi;
  beforeAll(async () => {
    api = await startApi({
      'notes/template.yaml': notes,
      'remove/template.yaml': remove,
      'skeleton/README.md': '# ${{ values.name }}\n',
    });
  });
  afterAll(() => api.close());

  const post = (route: string, body: unknown, headers: Record<string, string> = {}) =>
    api.call(`/v1/actions/${route}`, { method: 'POST', body, headers });
  const stored = async (): Promise<unknown> => {
    const { rows } = await api.database.pool.query(
      'SELECT (SELECT count(*) FROM runs) AS runs, (SELECT count(*) FROM entities) AS entities, (SELECT count(*) FROM archives) AS archives',
    );
    return rows[0];
  };

  it('shows what a run would do, and stores nothing', async () => {
    const before = await stored();
    const answer = await post('notes/plan', { properties: { name: 'shop' }, content: true });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        ok: true,
        plan: {
          hash: expect.stringMatching(/^[0-9a-f]{64}$/),
          action: 'notes',
          operation: 'CREATE',
          entity: { blueprint: 'service', identifier: 'shop' },
          inputs: { name: 'shop' },
          graph: [{ from: 'render', to: 'note' }],
          files: [{ path: 'README.md', content: '# shop\n' }],
        },
      },
    });
    expect(answer.body.plan.steps[1].input.message).toMatch(/^Rendered 1 for \$\{\{ context.task.id \}\}$/);
    expect(await stored()).toEqual(before);
  });

  it('accepts a request for the plan that was seen, and repeats it by its key', async () => {
    const properties = { name: 'seen' };
    const { body } = await post('notes/plan', { properties });
    const request = () => post('notes/runs', { properties, planHash: body.plan.hash }, { 'idempotency-key': 'seen' });
    const first = await request();
    expect(first.status).toBe(202);
    expect((await request()).body.run.id).toBe(first.body.run.id);
  });

  it('refuses a request whose plan would be another one, and says what to do', async () => {
    const { body } = await post('notes/plan', { properties: { name: 'one' } });
    const before = await stored();
    const answer = await post('notes/runs', { properties: { name: 'other' }, planHash: body.plan.hash });
    expect(answer).toMatchObject({ status: 409, body: { error: 'plan_changed', message: expect.stringContaining('Ask for the plan again') } });
    expect(await stored()).toEqual(before);
  });

  it('refuses what a request would refuse', async () => {
    expect(await post('notes/plan', { properties: { name: 'NO' } })).toMatchObject({
      status: 422,
      body: { details: [{ path: 'properties.name' }] },
    });
    expect((await post('nothing/plan', {})).status).toBe(404);
    expect(await post('notes/runs', { properties: { name: 'x' }, planHash: 'short' })).toMatchObject({
      status: 422,
      body: { details: [{ path: 'planHash' }] },
    });
  });

  it('shows what a deletion would take, and is another plan once that has gone', async () => {
    const { body } = await post('notes/runs', { properties: { name: 'old' } });
    await api.database.pool.query("UPDATE entities SET status = 'ready' WHERE identifier = 'old'");
    await api.database.pool.query("UPDATE runs SET status = 'SUCCEEDED' WHERE id = $1", [body.run.id]);
    await api.database.pool.query(
      `INSERT INTO resources (run_id, blueprint, entity, kind, external_id, title, state, step_id, depth)
       VALUES ($1, 'service', 'old', 'github:repository', 'acme/old', 'Repository acme/old', 'CREATED', 'render', 0)`,
      [body.run.id],
    );
    const request = { entity: 'old', properties: { confirm: 'old' } };
    const { plan } = (await post('remove/plan', request)).body;
    expect(plan.steps[0].effects).toEqual([
      { effect: 'remove', kind: 'github:repository', externalId: 'acme/old', title: 'Repository acme/old', looked: false },
    ]);
    await api.database.pool.query("UPDATE resources SET state = 'REMOVED' WHERE external_id = 'acme/old'");
    expect((await post('remove/runs', { ...request, planHash: plan.hash })).body.error).toBe('plan_changed');
  });
});
