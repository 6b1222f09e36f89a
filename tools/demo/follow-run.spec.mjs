import { once } from 'node:events';
import { createServer } from 'node:http';
import { ApiClient } from './api-client.mjs';
import { followRun } from './follow-run.mjs';

describe('following a run', () => {
  let server;
  afterEach(() => server.close());

  /** A server whose nth connection sends the nth of `parts` and then breaks off; answers a client and what it asked for. */
  async function serve(parts) {
    const asked = [];
    server = createServer((request, response) => {
      asked.push(request.headers['last-event-id']);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(parts[asked.length - 1] ?? '', () => response.destroy());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { api: new ApiClient(`http://127.0.0.1:${server.address().port}`, 'token'), asked };
  }

  function event(seq, content) {
    return `id: ${seq}\nevent: ${content.type}\ndata: ${JSON.stringify({ seq, ...content })}\n\n`;
  }

  it('hands on each event once and in order, over broken connections', async () => {
    const { api, asked } = await serve([
      `: still here\n\n${event(1, { type: 'log', message: 'ä' })}${event(2, { type: 'log' })}`,
      event(2, { type: 'log' }) + event(3, { type: 'run', status: 'SUCCEEDED' }),
    ]);
    const seen = [];
    expect(await followRun(api, 'r_1', ({ seq }) => seen.push(seq), { withinMs: 10_000 })).toBe('SUCCEEDED');
    expect(seen).toEqual([1, 2, 3]);
    expect(asked).toEqual([undefined, '2']);
  });

  it('gives up after its deadline', async () => {
    const { api } = await serve([]);
    await expect(followRun(api, 'r_1', () => {}, { withinMs: 300 })).rejects.toMatchObject({ code: 'RUN_NOT_ENDED' });
  });
});
