import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { StepError } from '@slipway/engine';
import { addressOf, checkedUrl, refused } from './allowed-host.js';
import type { Way } from './allowed-host.js';

const mostRedirects = 5;

/** A file over https, redirects followed as long as every one of them is allowed too. */
export async function download(text: string, way: Way): Promise<Buffer> {
  let at = text;
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const response = await get(at, way, hop === 0);
    const { statusCode = 0, headers } = response;
    if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
      response.destroy();
      at = new URL(headers.location, at).href;
      continue;
    }
    if (statusCode === 200) return bodyOf(response, way, at);
    response.destroy();
    throw failed(at, statusCode);
  }
  throw refused(`${text} is refused: it leads on more than ${mostRedirects} times`);
}

async function get(text: string, way: Way, withToken: boolean): Promise<IncomingMessage> {
  way.signal.throwIfAborted();
  const { url, host } = checkedUrl(text, way.hosts);
  const { address, family } = await addressOf(url, host);
  // What one host is trusted with is not for where it leads on to.
  const token = withToken ? (way.token ?? (await host.token?.())) : undefined;
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      {
        signal: way.signal,
        agent: false,
        headers: { accept: '*/*', 'user-agent': 'slipway', ...(token ? { authorization: `Bearer ${token}` } : {}) },
        ...(host.ca ? { ca: host.ca } : {}),
        lookup: (_name, options, callback) =>
          options.all ? callback(null, [{ address, family }]) : callback(null, address, family),
      },
      resolve,
    );
    asked.on('error', (cause) => reject(unreachable(url, cause, way)));
    asked.end();
  });
}

async function bodyOf(response: IncomingMessage, { limits, signal }: Way, at: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limits.bytes) throw tooLarge(at, limits.bytes);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof StepError) throw cause;
    throw unreachable(new URL(at), cause, { signal });
  } finally {
    response.destroy();
  }
  return Buffer.concat(chunks);
}

export function tooLarge(what: string, bytes: number): StepError {
  return new StepError('fatal', 'remote_too_large', `${what} holds more than ${bytes} bytes.`);
}

function failed(at: string, status: number): StepError {
  const passing = status === 429 || status >= 500;
  return new StepError(passing ? 'retry' : 'fatal', passing ? 'remote_unreachable' : 'remote_missing', `${at} answered ${status}.`, {
    remedy: 'Look whether the address is right, and whether it is open to this installation.',
  });
}

function unreachable(url: URL, cause: unknown, { signal }: Pick<Way, 'signal'>): Error {
  const reason: unknown = signal.reason;
  if (signal.aborted && reason instanceof Error && reason.name !== 'TimeoutError') return reason;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new StepError('retry', 'remote_unreachable', `${url.host} could not be fetched from: ${why}.`, { cause });
}
