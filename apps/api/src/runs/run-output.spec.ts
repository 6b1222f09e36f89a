import { startApi, type StartedApi } from '../testing/start-api.js';

const template = `
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: { name: report }
spec:
  type: service
  identifier: \${{ parameters.name }}
  parameters: { required: [name], properties: { name: { type: string, pattern: '^[a-z]+$' }, page: { type: string } } }
  steps:
    - { id: parts, action: fetch:plain, input: { url: ../skeleton } }
    - { id: maybe, if: false, action: fetch:plain, input: { url: ../skeleton } }
  output:
    links:
      - { title: 'Page of \${{ parameters.name }}', icon: web, url: '\${{ parameters.page }}' }
      - { title: Skipped, url: 'https://example.com/\${{ steps.maybe.output.files }}' }
      - { title: Refused, if: false, url: https://example.com/refused }
      - { title: In the catalogue, entityRef: 'service:\${{ context.entity.identifier }}' }
    text:
      - { title: Files, content: 'There are \${{ steps.parts.output.files }}, asked for by \${{ user.ref }}.' }
    files: \${{ steps.parts.output.files }}
`;
const nothing = { links: [], text: [], values: {} };
const query = `query Run($id: ID!) { run(id: $id) { status output { links { title icon url entityRef } text { title icon content } values } } }`;

describe('what a run shows in the end', () => {
  let api: StartedApi;
  beforeAll(async () => {
    api = await startApi({ 'report/template.yaml': template, 'skeleton/README.md': 'x' });
  }, 60_000);
  afterAll(() => api.close());

  async function ended(name: string, page: string, status: string): Promise<string> {
    const { body } = await api.call('/v1/actions/report/runs', { method: 'POST', body: { properties: { name, page } } });
    const { id } = body.run;
    await api.database.pool.query(`UPDATE steps SET status = 'SUCCEEDED', output = '{"files": 1}' WHERE run_id = $1 AND id = 'parts'`, [id]);
    await api.database.pool.query(`UPDATE steps SET status = 'SKIPPED' WHERE run_id = $1 AND id = 'maybe'`, [id]);
    await api.database.pool.query('UPDATE runs SET status = $2, ended_at = now() WHERE id = $1', [id, status]);
    return id;
  }
  const rest = async (id: string) => (await api.call(`/v1/actions/runs/${id}`)).body.run;
  const graphql = async (id: string) => (await api.call('/graphql', { method: 'POST', body: { query, variables: { id } } })).body;

  it('is what its template says, over REST and GraphQL', async () => {
    const id = await ended('shop', 'https://example.com/shop', 'SUCCEEDED');
    const run = await rest(id);
    expect(run.link).toEqual(['https://example.com/shop']);
    expect(run.output).toEqual({
      links: [
        { title: 'Page of shop', icon: 'web', url: 'https://example.com/shop' },
        { title: 'In the catalogue', entityRef: 'service:shop' },
      ],
      text: [{ title: 'Files', content: 'There are 1, asked for by spec-admin.' }],
      values: { files: 1 },
    });
    // Compiled from the second time on.
    for (let round = 1; round <= 3; round += 1) {
      expect(await graphql(id)).toEqual({
        data: {
          run: {
            status: 'SUCCEEDED',
            output: {
              links: [
                { title: 'Page of shop', icon: 'web', url: 'https://example.com/shop', entityRef: null },
                { title: 'In the catalogue', icon: null, url: null, entityRef: 'service:shop' },
              ],
              text: [{ title: 'Files', icon: null, content: 'There are 1, asked for by spec-admin.' }],
              values: { files: 1 },
            },
          },
        },
      });
    }
  });

  it.each(['javascript:alert(1)', 'https://me:hunter2@example.com/', 'data:text/html,x', '/relative'])('offers no link to %s', async (page) => {
    const id = await ended(`unsafe${page.replace(/[^a-z]/g, '')}`, page, 'SUCCEEDED');
    const { output, link } = await rest(id);
    expect(link).toEqual([]);
    expect(output.links).toMatchObject([{ title: 'In the catalogue' }]);
  });

  it.each(['RUNNING', 'FAILED', 'CANCELLED'])('is nothing of a run that is %s', async (status) => {
    const id = await ended(`not${status.toLowerCase()}`, 'https://example.com/', status);
    expect(await rest(id)).toMatchObject({ link: [], output: nothing });
    expect((await graphql(id)).data.run.output).toEqual(nothing);
  });

  it('is nothing where a template says nothing', async () => {
    const { body } = await api.call('/v1/actions/deploy/runs', { method: 'POST', body: { properties: { app_name: 'silent' } } });
    await api.database.pool.query(`UPDATE runs SET status = 'SUCCEEDED' WHERE id = $1`, [body.run.id]);
    expect((await rest(body.run.id)).output).toEqual(nothing);
  });
});
