import { type StartedApi, startApi } from '../testing/start-api.js';

const canary = 'correct "horse" battery & staple';

const template = `
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: { name: connect, title: Connect }
spec:
  operation: CREATE
  identifier: \${{ parameters.name }}
  parameters:
    required: [name, password]
    properties:
      name: { type: string }
      password: { type: string, title: Password, ui:field: Secret, minLength: 8 }
  secrets: { schema: { properties: { apiKey: { type: string, pattern: '^k-' } } } }
  steps:
    - { id: say, action: debug:log, input: { message: "connecting with \${{ secrets.password }}" } }
`;

describe('secrets at the doors', () => {
  let api: StartedApi;
  beforeAll(async () => (api = await startApi({ 'connect/template.yaml': template })), 60_000);
  afterAll(() => api.close());

  const request = (name: string, body: object = { properties: { name, password: canary } }, headers: Record<string, string> = {}) =>
    api.call('/v1/actions/connect/runs', { method: 'POST', body, headers });
  const graphql = (query: string, variables: object) => api.call('/graphql', { method: 'POST', body: { query, variables } });
  const isSilent = (text: string): void => expect(text).not.toMatch(/horse|battery/);

  /** As if a worker had undone it. */
  const failed = async (runId: string): Promise<void> => {
    await api.database.pool.query(`UPDATE runs SET status = 'FAILED', ended_at = now() WHERE id = $1`, [runId]);
    await api.database.pool.query('DELETE FROM run_secrets WHERE run_id = $1', [runId]);
  };

  it('are taken, and no answer repeats them', async () => {
    const answer = await request('taken', { properties: { name: 'taken', password: canary }, secrets: { apiKey: 'k-battery' } });
    expect(answer).toMatchObject({ status: 202, body: { run: { properties: { name: 'taken' } } } });
    const { id } = answer.body.run;
    const shown = await graphql('query ($id: ID!) { run(id: $id) { inputs secrets { name title } } }', { id });
    expect(shown.body.data.run).toEqual({ inputs: { name: 'taken' }, secrets: [{ name: 'password', title: 'Password' }, { name: 'apiKey', title: 'apiKey' }] });
    for (const text of [answer.text, shown.text, (await api.call(`/v1/actions/runs/${id}`)).text, (await api.call('/v1/actions/runs')).text]) isSilent(text);
  });

  it.each([
    ['over REST', () => request('short', { properties: { name: 'short', password: 'horse' } })],
    ['apart', () => request('short', { properties: { name: 'short' }, secrets: { password: 'horse', apiKey: 'battery' } })],
    ['as no text', () => request('short', { properties: { name: 'short', password: { horse: 'battery' } } })],
    ['as no secrets at all', () => request('short', { properties: { name: 'short' }, secrets: 'horse battery' })],
    ['in a body that is no JSON', () => api.call('/v1/actions/connect/runs', { method: 'POST', body: '{"properties":{"password":"horse battery"' })],
    ['in a body that is nearly JSON', () => api.call('/v1/actions/connect/runs', { method: 'POST', body: '{"properties":{"password":horse battery}}' })],
    ['over GraphQL', () => graphql('mutation ($input: RequestRunInput!) { requestRun(input: $input) { id } }', { input: { action: 'connect', properties: { name: 'short', password: 'horse' } } })],
    ['over GraphQL, to nothing', () => graphql('mutation ($input: RequestRunInput!) { requestRun(input: $input) { id } }', { input: { properties: { password: 'horse battery' } } })],
    ['over GraphQL, as something else', () => graphql('mutation ($input: RequestRunInput!) { requestRun(input: $input) { id } }', { input: { action: 'connect', properties: 'horse battery' } })],
    ['over GraphQL, in the document', () => graphql('mutation { requestRun(input: { action: 7, properties: { password: "horse battery" } }) { id } }', {})],
    ['over GraphQL, to a field that wants another type', () => graphql('mutation ($input: RequestRunInput!) { requestRun(input: $input) { id } }', { input: { action: { horse: 'battery' } } })],
    ['over GraphQL, in the document, as something else', () => graphql('mutation { requestRun(input: { action: "connect", secrets: "horse battery" }) { id } }', {})],
    ['over GraphQL, out of its place', () => graphql('mutation { requestRun(input: { properties "horse battery" }) { id } }', {})],
    ['over GraphQL, in a document that is none', () => graphql('mutation { requestRun(input: { properties: { password: "horse battery } }) { id } }', {})],
  ])('are not repeated where they are refused: %s', async (_, send) => {
    const answer = await send();
    expect(answer.body.error ?? answer.body.errors).toBeTruthy();
    isSilent(answer.text);
  });

  it('are checked by a plan, which has no use for them and does not show them', async () => {
    const plan = (body: object) => api.call('/v1/actions/connect/plan', { method: 'POST', body });
    const one = await plan({ properties: { name: 'planned', password: canary } });
    const other = await plan({ properties: { name: 'planned' }, secrets: { password: 'something else' } });
    expect(one.body.plan.steps[0].input).toEqual({ message: 'connecting with ${{ secrets.password }}' });
    expect(one.body.plan.hash).toBe(other.body.plan.hash);
    isSilent(one.text);
    expect(await plan({ properties: { name: 'planned' } })).toMatchObject({ status: 422, body: { details: [{ path: 'properties.password', code: 'required' }] } });
    const run = await request('planned', { properties: { name: 'planned', password: canary }, planHash: one.body.plan.hash });
    expect(run.status).toBe(202);
  });

  it('are asked for again by a retry over REST', async () => {
    const { id } = (await request('again')).body.run;
    await failed(id);
    const retry = (body?: object) => api.call(`/v1/actions/runs/${id}/retry`, { method: 'POST', body });
    const needed = { status: 422, body: { ok: false, error: 'secrets_needed', details: [{ path: 'secrets.password', code: 'required', message: 'Password is needed again.' }] } };
    expect(await retry()).toMatchObject(needed);
    expect(await retry({})).toMatchObject(needed);
    expect(await retry({ secrets: { password: 'horse' } })).toMatchObject({ status: 422, body: { error: 'invalid_input', details: [{ path: 'secrets.password', code: 'minLength' }] } });
    const accepted = await retry({ secrets: { password: canary } });
    expect(accepted.status).toBe(202);
    isSilent(accepted.text);
  });

  it('are asked for again by a retry over GraphQL', async () => {
    const { id } = (await request('once-more')).body.run;
    await failed(id);
    const mutation = 'mutation ($id: ID!, $secrets: JSONObject) { retryRun(id: $id, secrets: $secrets) { id } }';
    const refused = await graphql(mutation, { id });
    expect(refused.body.errors[0].extensions).toEqual({ code: 'SECRETS_NEEDED', details: [{ path: 'secrets.password', code: 'required', message: 'Password is needed again.' }] });
    expect((await graphql(mutation, { id, secrets: { password: canary } })).body.data.retryRun).toEqual({ id });
  });
});
