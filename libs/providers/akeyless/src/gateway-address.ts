/** A Gateway serves the same API on each of its ports, below another path. */
const BASE_OF_PORT: Record<string, string> = { '8000': '/api/v2', '8080': '/v2', '8081': '' };

/** What to check where something answers at this address that is not Akeyless' API, or nothing does. */
export function addressAdvice(address: string): string {
  const { port, pathname, origin } = new URL(address);
  const base = BASE_OF_PORT[port];
  if (base !== undefined && pathname.replace(/\/+$/, '') !== base) {
    return `On port ${port} a Gateway serves this API at ${origin}${base}: set akeyless.url to that.`;
  }
  return `akeyless.url is ${address}; a Gateway serves this API at :8081, :8080/v2 and :8000/api/v2.`;
}
