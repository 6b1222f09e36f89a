import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './until.js';

export interface Received {
  headers: Record<string, string | string[] | undefined>;
  /** The bytes as they came. */
  body: string;
}

/** Listens for webhooks on a port of its own, and answers each with 200. */
export async function receiveWebhooks() {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.end('thanks');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    /** All so far, in the order of their coming. */
    received,
    /** The first of this event, and of this action where one is named: `workflow_run`, `workflow_run.completed`. */
    next: (wanted: string) =>
      until(
        async () => received.find((one) => nameOf(one) === wanted || one.headers['x-github-event'] === wanted),
        (found) => found !== undefined,
      ) as Promise<Received>,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

function nameOf({ headers, body }: Received): string {
  const { action } = JSON.parse(body) as { action?: string };
  return [headers['x-github-event'], action].filter(Boolean).join('.');
}
