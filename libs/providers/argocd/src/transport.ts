import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export interface Answer {
  status: number;
  body: string;
}

export interface Question {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the URL of the server. */
  path: string;
  token?: string;
  body?: unknown;
  signal: AbortSignal;
}

/** Sends one request and reads its answer, whole. Rejects as Node's http does; follows no redirect, which would carry the token away. */
export type Transport = (question: Question) => Promise<Answer>;

/** Larger than any list of repositories that a person could read; beyond it something else answers. */
const mostBytes = 32 * 1024 * 1024;

/** Not by `fetch`, which takes no certificate authority. `ca`: PEM. */
export function createTransport(server: string, ca?: string): Transport {
  const isSecure = server.startsWith('https:');
  const agent = isSecure
    ? new HttpsAgent({ keepAlive: true, ...(ca !== undefined && { ca }) })
    : new HttpAgent({ keepAlive: true });
  return async ({ method, path, token, body, signal }) => {
    const headers = {
      accept: 'application/json',
      // Exactly this content type, on DELETE too: Argo CD answers 415 to any other, a charset included.
      'content-type': 'application/json',
      'user-agent': 'slipway',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    const text = body === undefined ? undefined : JSON.stringify(body);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const send = isSecure ? httpsRequest : httpRequest;
      const sent = send(new URL(`${server}${path}`), { method, headers, agent, signal }, resolve);
      sent.on('error', reject);
      sent.end(text);
    });
    return { status: response.statusCode ?? 0, body: await readBody(response) };
  };
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error('The answer does not end.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
