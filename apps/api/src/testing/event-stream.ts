import type { RunEvent } from '@slipway/contracts';
import type { StartedApi } from './start-api.js';

/** Reads Server-Sent Events as a browser would, one by one. */
interface EventStream {
  status: number;
  /** Resolves with the next event, or null once the stream has ended. */
  next(): Promise<ReceivedEvent | null>;
  /** All that are left. */
  rest(): Promise<ReceivedEvent[]>;
  close(): void;
}

interface ReceivedEvent {
  id: string;
  name: string;
  data: RunEvent;
}

export async function openEventStream(
  api: StartedApi,
  route: string,
  headers: Record<string, string> = {},
): Promise<EventStream> {
  const abort = new AbortController();
  const response = await fetch(api.url + route, {
    headers: { authorization: `Bearer ${api.adminToken}`, ...headers },
    signal: abort.signal,
  });
  const received = events(response);
  return {
    status: response.status,
    async next() {
      const result = await received.next();
      return result.done ? null : result.value;
    },
    async rest() {
      const all: ReceivedEvent[] = [];
      for await (const event of received) all.push(event);
      return all;
    },
    close: () => abort.abort(),
  };
}

async function* events(response: Response): AsyncGenerator<ReceivedEvent> {
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + chunk).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = received(block);
      if (event) yield event;
    }
  }
}

function received(block: string): ReceivedEvent | null {
  const fields = Object.fromEntries(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
  );
  const { id, event, data } = fields;
  return id && event && data ? { id, name: event, data: JSON.parse(data) as RunEvent } : null;
}
