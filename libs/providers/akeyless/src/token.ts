interface Login {
  token: string;
  /** As Akeyless says it; its form differs between versions. */
  expiration?: string | undefined;
}

/** Renewed this long before it expires, so that no call sets out with a token that ends on the way. */
const MARGIN_MS = 30_000;
/** Where the expiry is in no form we know. A token that ends sooner shows as 401, which `AkeylessClient.call` handles. */
const UNKNOWN_LIFE_MS = 10 * 60_000;

/** Logs in when needed, and once however many ask at the same time. */
export class TokenKeeper {
  private current: { token: string; until: number } | null = null;
  private pending: Promise<string> | null = null;

  constructor(
    private readonly logIn: () => Promise<Login>,
    private readonly now: () => number = Date.now,
  ) {}

  async get(): Promise<string> {
    if (this.current && this.now() < this.current.until) return this.current.token;
    this.pending ??= this.renew().finally(() => {
      this.pending = null;
    });
    return this.pending;
  }

  /** It was found invalid. Another call may have noticed before and hold a newer one by now: that stays. */
  forget(token: string): void {
    if (this.current?.token === token) this.current = null;
  }

  private async renew(): Promise<string> {
    const { token, expiration } = await this.logIn();
    const until = expiryMs(expiration) ?? this.now() + UNKNOWN_LIFE_MS;
    this.current = { token, until: until - MARGIN_MS };
    return token;
  }
}

/** ISO 8601, Go's `2026-01-02 15:04:05 +0000 UTC`, or seconds since 1970; in ms since 1970. */
export function expiryMs(expiration: string | undefined): number | undefined {
  if (!expiration) return undefined;
  if (/^\d{9,11}$/.test(expiration)) return Number(expiration) * 1000;
  const parsed = Date.parse(expiration.replace(/ ([+-]\d{4}) [A-Z]{3,4}$/, ' $1'));
  return Number.isNaN(parsed) ? undefined : parsed;
}
