import { once } from 'node:events';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';

const ANSWER_WITHIN_MS = 10_000;

interface Answer {
  code: number;
  status: string;
  headers: Record<string, string>;
  body: string;
}

/** As GitHub records a delivery to which there was no answer. */
export const UNREACHABLE: Answer = { code: 502, status: 'failed to connect to host', headers: {}, body: '' };

/**
 * The answer, whatever it is; redirects are not followed. Dozens are sent for each app: `fetch` takes three times as long for one,
 * and a signal for all of them half as long again. While it is under way the request is among those `open`, to be destroyed by a stop.
 */
export async function postWebhook(
  url: string,
  headers: Record<string, string>,
  body: Buffer,
  open: Set<ClientRequest>,
  withinMs = ANSWER_WITHIN_MS,
): Promise<Answer> {
  let overdue: NodeJS.Timeout | undefined;
  let sent: ClientRequest | undefined;
  let timedOut = false;
  try {
    const { request } = url.startsWith('https:') ? https : http;
    sent = request(url, { method: 'POST', headers });
    open.add(sent);
    overdue = setTimeout(() => {
      timedOut = true;
      sent?.destroy();
    }, withinMs);
    // What comes after the answer began is told by the answer.
    sent.on('error', () => undefined);
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const received = await text(response);
    const code = response.statusCode ?? 0;
    const status = code >= 200 && code < 300 ? 'OK' : `Invalid HTTP Response: ${code}`;
    return { code, status, headers: textsOf(response.headers), body: received };
  } catch {
    return timedOut ? { ...UNREACHABLE, code: 504, status: 'timed out' } : UNREACHABLE;
  } finally {
    clearTimeout(overdue);
    if (sent) open.delete(sent);
  }
}

function textsOf(headers: IncomingMessage['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
