import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { FragmentTrouble } from './customer-fragment.js';

const WITHIN_MS = 5_000;

/** Asks the customer fragment's service whether it has its fragment; null: it has. By its status alone, the body is a secret. */
export async function askFragment(base: string, ca: string | undefined, signal: AbortSignal): Promise<FragmentTrouble | null> {
  const url = new URL(`${base.replace(/\/+$/, '')}/api/derived-key`);
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]);
  try {
    const status = await statusOf(url, ca, deadline);
    if (status === 404) return 'lost';
    return status >= 500 ? 'crashed' : null;
  } catch {
    return 'unreachable';
  }
}

function statusOf(url: URL, ca: string | undefined, signal: AbortSignal): Promise<number> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((done, fail) => {
    const asked = send(url, { signal, ...(ca !== undefined && { ca }) }, (response) => {
      response.on('error', () => undefined);
      response.destroy();
      done(response.statusCode ?? 0);
    });
    asked.on('error', fail);
    asked.end();
  });
}
