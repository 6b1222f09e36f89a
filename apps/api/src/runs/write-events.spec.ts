import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { RunEvent } from '@slipway/contracts';
import { ReaderTooSlow, writeEvents } from './write-events.js';

const never = new AbortController().signal;

describe('writeEvents', () => {
  it('writes all events in order and ends', async () => {
    const sink = new PassThrough();
    const text = readAll(sink);
    await writeEvents(lines(3), sink, { signal: never, coalesceMs: () => 0 });
    expect(ids(await text)).toEqual([1, 2, 3]);
  });

  it.each([
    ['in one turn', 0, [100, 100, 100]],
    ['close together', 100_000, [100, 200]],
  ])('gathers what comes %s into one write', async (_title, coalesceMs, writes) => {
    const sink = new PassThrough();
    const written: number[] = [];
    const write = sink.write.bind(sink);
    sink.write = ((chunk: string) => (written.push(ids(chunk).length), write(chunk))) as typeof sink.write;
    void readAll(sink);
    await writeEvents(inTurns(3, 100), sink, { signal: never, coalesceMs: () => coalesceMs });
    expect(written).toEqual(writes);
  });

  it('asks for no more while the reader does not read, and cuts it in the end', async () => {
    const sink = new PassThrough({ highWaterMark: 1_000 });
    let asked = 0;
    const endless = async function* (): AsyncGenerator<RunEvent> {
      for (;;) yield line((asked += 1));
    };
    await expect(writeEvents(endless(), sink, { signal: never, coalesceMs: () => 0, patienceMs: 20 })).rejects.toThrow(
      ReaderTooSlow,
    );
    expect(asked).toBeLessThan(20);
  });

  it('goes on when a slow reader has caught up', async () => {
    const sink = new PassThrough({ highWaterMark: 100 });
    const written = writeEvents(lines(50), sink, { signal: never, coalesceMs: () => 0, patienceMs: 5_000 });
    await once(sink, 'readable');
    expect(ids(await readAll(sink))).toHaveLength(50);
    await written;
  });

  it('shows life while nothing happens', async () => {
    const sink = new PassThrough();
    const stop = new AbortController();
    const silent: AsyncIterable<RunEvent> = {
      [Symbol.asyncIterator]: () => ({ next: () => once(stop.signal, 'abort').then(() => ({ done: true, value: undefined })) }),
    };
    const done = writeEvents(silent, sink, { signal: never, coalesceMs: () => 0, keepAliveMs: 5 });
    const [chunk] = await once(sink, 'data');
    expect(String(chunk)).toMatch(/^: .+\n\n$/);
    stop.abort();
    await done;
  });

  it('cuts rather than ends when it is told to stop, so that the reader comes back', async () => {
    const sink = new PassThrough();
    await writeEvents(lines(1), sink, { signal: AbortSignal.abort(), coalesceMs: () => 0 });
    expect([sink.destroyed, sink.writableEnded]).toEqual([true, false]);
  });
});

async function* inTurns(turns: number, count: number): AsyncGenerator<RunEvent> {
  for (let turn = 1; turn <= turns; turn += 1) {
    yield* lines(count);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function* lines(count: number): AsyncGenerator<RunEvent> {
  for (let seq = 1; seq <= count; seq += 1) yield line(seq);
}

function line(seq: number): RunEvent {
  return { type: 'log', seq, line: seq, at: '2026-01-01T00:00:00.000Z', stepId: null, level: 'info', message: `line ${seq}` };
}

async function readAll(sink: PassThrough): Promise<string> {
  let text = '';
  for await (const chunk of sink) text += String(chunk);
  return text;
}

function ids(text: string): number[] {
  return [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
}
