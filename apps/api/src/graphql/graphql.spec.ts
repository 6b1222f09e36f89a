import { getIntrospectionQuery } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { holdRun } from '../testing/run-history.js';
import { type Answer, developer, startApi, type StartedApi } from '../testing/start-api.js';

describe('GraphQL', () => {
  let api: StartedApi;
  beforeAll(async () => (api = await startApi()));
  afterAll(() => api.close());

  const ask = (query: string, variables?: object, headers: Record<string, string> = {}): Promise<Answer> =>
    api.call('/graphql', { method: 'POST', body: { query, variables }, headers });

  const requestRun = async (name: string): Promise<Answer> =>
    ask(
      `mutation Deploy($input: RequestRunInput!) {
        requestRun(input: $input) { id status operation entity { identifier } steps { id status } }
      }`,
      {
        input: { action: 'deploy', properties: { app_name: name } },
      },
    );

  it('requests a run and shows it in our own words, the first time as well as compiled', async () => {
    const { requestRun: run } = (await requestRun('shop')).body.data;
    expect(run).toMatchObject({
      status: 'QUEUED',
      operation: 'CREATE',
      entity: { identifier: 'shop' },
      steps: [{ id: 'hello', status: 'PENDING' }],
    });
    for (let round = 1; round <= 3; round += 1) {
      const answer = await ask('query Run($id: ID!) { run(id: $id) { id status inputs createdAt failure { code } } }', {
        id: run.id,
      });
      expect(answer.body).toEqual({
        data: {
          run: { id: run.id, status: 'QUEUED', inputs: { app_name: 'shop' }, createdAt: expect.any(String), failure: null },
        },
      });
    }
    expect((await ask('{ entity(blueprint: "service", id: "shop") { status links { url } } }')).body.data.entity).toEqual({
      status: 'creating',
      links: [],
    });
  });

  it('lists runs, entities and actions', async () => {
    await requestRun('listed-a');
    await requestRun('listed-b');
    const query =
      '{ runs(first: 1, filter: { active: true }) { nodes { entity { identifier } } pageInfo { hasNextPage endCursor } } }';
    const { runs } = (await ask(query)).body.data;
    expect(runs).toEqual({
      nodes: [{ entity: { identifier: 'listed-b' } }],
      pageInfo: { hasNextPage: true, endCursor: expect.any(String) },
    });
    const next = await ask('query Next($after: String) { runs(first: 1, after: $after) { nodes { entity { identifier } } } }', {
      after: runs.pageInfo.endCursor,
    });
    expect(next.body.data.runs.nodes).toEqual([{ entity: { identifier: 'listed-a' } }]);
    const lists = await ask(
      `{
        entities(blueprint: "service", first: 100) { nodes { identifier } }
        actions { identifier operation pages }
        action(id: "deploy") { title }
      }`,
    );
    expect(lists.body.errors).toBeUndefined();
    expect(lists.body.data).toMatchObject({
      actions: [{ identifier: 'deploy', operation: 'CREATE' }],
      action: { title: 'Deploy' },
    });
  });

  it.each<[string, string, string]>([
    [
      'names by their rules',
      'mutation { requestRun(input: { action: "deploy", properties: { app_name: "../x" } }) { id } }',
      'INVALID_INPUT',
    ],
    ['an unknown action', 'mutation { requestRun(input: { action: "nothing" }) { id } }', 'NOT_FOUND'],
    ['a page that is too large', '{ runs(first: 101) { nodes { id } } }', 'INVALID_INPUT'],
    ['a run that is not there', 'mutation { cancelRun(id: "r_nothing") { id } }', 'NOT_FOUND'],
  ])('refuses %s with its code', async (_name, query, code) => {
    for (let round = 1; round <= 3; round += 1) {
      const answer = await ask(query);
      expect(answer.body.errors).toEqual([
        expect.objectContaining({ message: expect.any(String), extensions: expect.objectContaining({ code }) }),
      ]);
    }
  });

  it('names every fault of an input', async () => {
    const answer = await ask('mutation { requestRun(input: { action: "deploy", properties: { app_name: "../x" } }) { id } }');
    expect(answer.body.errors[0].extensions.details).toEqual([expect.objectContaining({ path: 'properties.app_name' })]);
  });

  it('has null for what is not there', async () => {
    expect(
      (
        await ask(
          '{ run(id: "r_nothing") { id } entity(blueprint: "service", id: "none") { title } action(id: "none") { title } }',
        )
      ).body,
    ).toEqual({
      data: { run: null, entity: null, action: null },
    });
  });

  it.each<[string, object | string, number]>([
    ['a syntax error', { query: '{ run(' }, 400],
    ['a field that is not there', { query: '{ run(id: "r") { nonsense } }' }, 400],
    ['2,000 aliases', { query: `{ ${Array.from({ length: 2_000 }, (_, n) => `a${n}:actions{title}`).join(' ')} }` }, 400],
    ['500 aliases', { query: `{ ${Array.from({ length: 500 }, (_, n) => `a${n}:actions{title}`).join(' ')} }` }, 400],
    ['deep nesting of brackets', { query: '{'.repeat(15_000) }, 400],
    [
      'a deep value',
      {
        query: `mutation { requestRun(input: { action: "d", properties: ${'{a:'.repeat(4_000)}1${'}'.repeat(4_000)} }) { id } }`,
      },
      400,
    ],
    ['a fragment cycle', { query: '{ run(id: "r") { ...f } } fragment f on Run { ...f }' }, 400],
    ['a batch', [{ query: '{ actions { title } }' }, { query: '{ actions { title } }' }], 400],
    ['no query', {}, 400],
    ['__proto__ among the variables', '{"query":"{ actions { title } }","variables":{"__proto__":{"x":1}}}', 400],
  ])('refuses %s', async (_name, body, status) => {
    const answer = await api.call('/graphql', { method: 'POST', body });
    expect(answer.status).toBe(status);
    expect(answer.text.length).toBeLessThan(20_000);
  });

  it('answers a schema explorer, but no question deeper than 8 levels', async () => {
    expect((await ask(getIntrospectionQuery())).body.errors).toBeUndefined();
    const answer = await ask(`{ __schema { types { ${'fields { type { '.repeat(4)} name ${'} } '.repeat(4)} } } }`);
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('levels deep'), extensions: { code: 'BAD_REQUEST' } }),
    );
  });

  it('over a WebSocket shows a run’s events as they come', async () => {
    const run = (await requestRun('followed')).body.data.requestRun;
    const client = connect(api, { connectionParams: { authorization: `Bearer ${api.adminToken}` } });
    const history = await holdRun(api, run.id);
    const query =
      'subscription ($id: ID!) { runEvents(id: $id) { __typename seq ... on LogEvent { message } ... on RunStatusEvent { status } } }';
    const events = client.iterate<{ runEvents: { __typename: string; seq: number; message?: string; status?: string } }>({
      query,
      variables: { id: run.id },
    });
    await history.log('hello');
    const seen: string[] = [];
    for await (const { data } of events) {
      const event = data?.runEvents;
      seen.push(event?.message ?? event?.status ?? event?.__typename ?? '?');
      if (event?.message === 'hello') await history.end();
    }
    expect(seen.slice(-2)).toEqual(['hello', 'SUCCEEDED']);
    await history.close();
    await client.dispose();
  });

  it.each<[string, object]>([
    ['nobody', {}],
    ['a wrong token', { connectionParams: { authorization: 'Bearer wrong' } }],
    [
      'a cookie from another site',
      { webSocketImpl: withHeaders({ cookie: 'slipway_session=x', origin: 'https://evil.example' }) },
    ],
  ])('lets no connection in for %s', async (_name, options) => {
    const client = connect(api, options);
    await expect(first(client, '{ actions { title } }')).rejects.toMatchObject({ code: 4403 });
    await client.dispose();
  });

  it('lets in a connection of our own pages by cookie', async () => {
    const link = new URL(
      (await api.call('/v1/auth/sign_in_links', { method: 'POST', body: { email: developer.email } })).body.url,
    );
    const cookie =
      (await api.call(link.pathname + link.search, { anonymous: true })).headers.get('set-cookie')?.split(';', 1)[0] ?? '';
    const client = connect(api, { webSocketImpl: withHeaders({ cookie, origin: api.url }) });
    expect(await first(client, '{ actions { title } }')).toEqual({ data: { actions: [{ title: 'Deploy' }] } });
    await client.dispose();
  });

  it.each<[string, string, string]>([
    ['a run that is not there', 'subscription { runEvents(id: "r_nothing") { seq } }', 'NOT_FOUND'],
    ['two subscriptions at once', 'subscription { a: runEvents(id: "r") { seq } b: runEvents(id: "r") { seq } }', 'BAD_REQUEST'],
    ['500 aliases', `{ ${Array.from({ length: 500 }, (_, n) => `a${n}:actions{title}`).join(' ')} }`, 'BAD_REQUEST'],
  ])('over a WebSocket refuses %s', async (_name, query, code) => {
    const client = connect(api, { connectionParams: { authorization: `Bearer ${api.adminToken}` } });
    const refused = await first(client, query).catch((error: unknown) => ({
      errors: error as { extensions: { code: string } }[],
    }));
    expect(refused.errors?.[0]?.extensions).toMatchObject({ code });
    await client.dispose();
  });
});

function connect(api: StartedApi, options: object): Client {
  return createClient({
    url: `${api.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    lazy: true,
    ...options,
  });
}

function withHeaders(headers: Record<string, string>): unknown {
  return class extends WebSocket {
    constructor(url: string, protocols: string | string[]) {
      super(url, protocols, { headers });
    }
  };
}

async function first(client: Client, query: string): Promise<{ data?: unknown; errors?: readonly { extensions?: unknown }[] }> {
  for await (const result of client.iterate({ query })) return result;
  return {};
}
