import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** Passes on what it is asked, and keeps every answer: so a test learns the secrets that nobody else may keep. */
export interface RecordingProxy {
  url: string;
  /** By path, the bodies that were answered there. */
  answers: Map<string, string[]>;
  close(): void;
}

/** `target` is asked for with the first request: what it passes on to may start later. */
export async function startRecordingProxy(target: () => Promise<string>): Promise<RecordingProxy> {
  const answers = new Map<string, string[]>();
  const server = http.createServer((request, response) => {
    void (async () => {
      const url = `${await target()}${request.url ?? ''}`;
      const passed = http.request(url, { method: request.method ?? 'GET', headers: { ...request.headers, host: new URL(url).host } }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        const place = (request.url ?? '').split('?', 1)[0] ?? '';
        void text(answer).then((body) => answers.set(place, [...(answers.get(place) ?? []), body]));
      });
      passed.on('error', () => response.destroy());
      request.pipe(passed);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    answers,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
