import { parseCookie, stringifySetCookie } from 'cookie';

const sessionCookieName = 'slipway_session';

/** Out of reach of scripts, sent to no other site's requests but plain links. `secure` wherever we are served by https. */
export function sessionCookie(token: string, expires: Date, secure: boolean): string {
  return stringifySetCookie({ name: sessionCookieName, value: token, ...attributes, secure, expires });
}

export function endedSessionCookie(secure: boolean): string {
  return stringifySetCookie({ name: sessionCookieName, value: '', ...attributes, secure, maxAge: 0 });
}

export function sessionTokenOf(cookieHeader: string | undefined): string | null {
  if (!cookieHeader) return null;
  return parseCookie(cookieHeader)[sessionCookieName] || null;
}

const attributes = { path: '/', httpOnly: true, sameSite: 'lax' } as const;
