import { Agent, request } from 'undici';

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

/** Sends one request and reads its answer, whole. Rejects as undici does; follows no redirect, which would carry the token away. */
export type Transport = (question: Question) => Promise<Answer>;

/** Larger than any list of repositories that a person could read; beyond it something else answers. */
const mostBytes = 32 * 1024 * 1024;

/** `ca`: PEM. */
export function createTransport(server: string, ca?: string): Transport {
  const dispatcher = new Agent({ allowH2: false, maxResponseSize: mostBytes, ...(ca !== undefined && { connect: { ca } }) });
  return async ({ method, path, token, body, signal }) => {
    const headers = {
      accept: 'application/json',
      // Exactly this content type, on DELETE too: Argo CD answers 415 to any other, a charset included.
      'content-type': 'application/json',
      'user-agent': 'slipway',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    const sent = body === undefined ? null : JSON.stringify(body);
    const answer = await request(`${server}${path}`, { method, headers, body: sent, signal, dispatcher });
    return { status: answer.statusCode, body: await answer.body.text() };
  };
}
