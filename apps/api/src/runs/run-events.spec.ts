import { openEventStream } from '../testing/event-stream.js';
import { holdRun } from '../testing/run-history.js';
import { startApi, type StartedApi } from '../testing/start-api.js';

describe('a run’s events', () => {
  let api: StartedApi;
  beforeAll(async () => (api = await startApi()));
  afterAll(() => api.close());

  const newRun = async (name: string): Promise<string> => {
    const answer = await api.call('/v1/actions/deploy/runs', { method: 'POST', body: { properties: { app_name: name } } });
    return answer.body.run.id;
  };

  it('come live, in order, and end with the run', async () => {
    const id = await newRun('live');
    const stream = await openEventStream(api, `/v1/actions/runs/${id}/events`);
    const history = await holdRun(api, id);
    await history.log('one');
    const seen: string[] = [];
    while (!seen.includes('one')) {
      const event = await stream.next();
      if (event?.data.type === 'log') seen.push(event.data.message);
    }
    await history.log('two', 'three');
    await history.end();
    const rest = await stream.rest();
    expect(rest.map((event) => event.name)).toEqual(['log', 'log', 'run']);
    expect(rest.at(-1)?.data).toMatchObject({ type: 'run', status: 'SUCCEEDED' });
    await history.close();
  });

  it('resume after the last one that a reader has, by header or by query, none twice and none missed', async () => {
    const id = await newRun('resumed');
    const history = await holdRun(api, id);
    await history.log(...Array.from({ length: 1_200 }, (_, index) => `line ${index}`));
    await history.end();
    await history.close();
    const route = `/v1/actions/runs/${id}/events`;
    const all = await (await openEventStream(api, route)).rest();
    expect(all.map((event) => Number(event.id))).toEqual(all.map((_, index) => index + 1));
    for (const [suffix, headers] of [
      ['', { 'last-event-id': '700' }],
      ['?after=700', {}],
    ] as const) {
      const resumed = await (await openEventStream(api, route + suffix, headers)).rest();
      expect(resumed).toEqual(all.slice(700));
    }
  });

  it('are refused before the stream begins', async () => {
    expect(await api.call('/v1/actions/runs/r_nothing/events')).toMatchObject({
      status: 404,
      body: { ok: false, error: 'not_found' },
    });
  });

  it('let go of a reader that leaves', async () => {
    const id = await newRun('left');
    const stream = await openEventStream(api, `/v1/actions/runs/${id}/events`);
    await stream.next();
    expect(await openStreams(api)).toBe(1);
    stream.close();
    const deadline = Date.now() + 5_000;
    while ((await openStreams(api)) > 0) expect(Date.now()).toBeLessThan(deadline);
  });
});

async function openStreams(api: StartedApi): Promise<number> {
  const { text } = await api.call('/metrics', { anonymous: true });
  return Number(/^slipway_event_streams (\d+)$/m.exec(text)?.[1]);
}
