/**
 * A browser sends our cookie along with whatever another site makes it send, so a request that changes something and
 * is let in by cookie must come from our own pages. Sec-Fetch-Site says it best; Origin does for older browsers.
 * Neither: no browser, and whoever writes requests by hand has a token to write as well.
 */
export function isSameOrigin(request: OriginFacts): boolean {
  if (request.secFetchSite) return request.secFetchSite === 'same-origin';
  return request.origin !== undefined && hostOf(request.origin) === request.host;
}

interface OriginFacts {
  host: string | undefined;
  origin: string | undefined;
  secFetchSite: string | undefined;
}

export function changesSomething(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
}

function hostOf(origin: string): string | null {
  return URL.parse(origin)?.host ?? null;
}
