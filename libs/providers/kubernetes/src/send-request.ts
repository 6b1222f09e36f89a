import { Readable } from 'node:stream';
import { type RequestContext, ResponseContext, wrapHttpLibrary } from '@kubernetes/client-node';
import { interceptors, request } from 'undici';

/**
 * What the client sends its requests by, in place of `fetch`: three times as much of a processor goes into one of those. Redirects are
 * followed as there, without the credential where they lead elsewhere.
 */
export const sendingByUndici = wrapHttpLibrary({ send });

const redirects = interceptors.redirect({ maxRedirections: 20, throwOnMaxRedirect: true });

async function send(sent: RequestContext): Promise<ResponseContext> {
  const [dispatcher, signal] = [sent.getDispatcher(), sent.getSignal()];
  const { statusCode, headers, body } = await request(sent.getUrl(), {
    method: sent.getHttpMethod(),
    headers: sent.getHeaders(),
    body: sent.getBody() as string | undefined,
    ...(signal && { signal }),
    ...(dispatcher && { dispatcher: dispatcher.compose(redirects) }),
  });
  const ways = { text: () => body.text(), binary: async () => Buffer.from(await body.arrayBuffer()), stream: () => Readable.toWeb(body) };
  return new ResponseContext(statusCode, withOneValueEach(headers), ways);
}

function withOneValueEach(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
