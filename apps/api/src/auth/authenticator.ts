import { Inject, Injectable } from '@nestjs/common';
import { type Principal, SlipwayError } from '@slipway/contracts';
import { authenticateSession, verifyAccessToken } from '@slipway/portal';
import { RUNTIME } from '../runtime-token.js';
import type { ApiRuntime } from '../runtime.js';
import { changesSomething, isSameOrigin } from './same-origin.js';
import { sessionTokenOf } from './session-cookie.js';

interface RequestFacts {
  method: string;
  headers: Record<string, string | string[] | undefined>;
}

/** Who is asking, for every door alike: a bearer token counts before a session cookie. */
@Injectable()
export class Authenticator {
  constructor(@Inject(RUNTIME) private readonly runtime: ApiRuntime) {}

  /** Throws `unauthorized`; `forbidden` where another site's page uses our cookie. */
  async principalOf(request: RequestFacts): Promise<Principal> {
    const authorization = textOf(request.headers['authorization']);
    if (authorization !== undefined) return this.bearer(authorization);
    const sessionToken = sessionTokenOf(textOf(request.headers['cookie']));
    if (sessionToken === null)
      throw new SlipwayError('unauthorized', 'This needs a bearer token or a session: see POST /v1/auth/access_token.');
    if (changesSomething(request.method)) assertSameOrigin(request);
    return authenticateSession(this.runtime.portal, { sessionToken });
  }

  /** As `Authorization` has it; a connection of graphql-ws sends it with its first message. */
  async bearer(authorization: string): Promise<Principal> {
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    if (!token) throw new SlipwayError('unauthorized', 'The authorization header must read "Bearer <token>".');
    return verifyAccessToken(this.runtime.portal, token);
  }
}

/** Also for what begins as a GET and then changes things: a WebSocket. */
export function assertSameOrigin(request: Pick<RequestFacts, 'headers'>): void {
  const facts = {
    host: textOf(request.headers['host']),
    origin: textOf(request.headers['origin']),
    secFetchSite: textOf(request.headers['sec-fetch-site']),
  };
  if (!isSameOrigin(facts)) {
    throw new SlipwayError(
      'forbidden',
      'A request by session cookie that changes something must come from Slipway’s own pages. Programs use a bearer token.',
    );
  }
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
