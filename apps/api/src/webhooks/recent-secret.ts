const forMs = 1_000;

/**
 * A secret that somebody else may change at any time. Looked up anew once what is known of it is a second old, and wherever that does
 * not fit: so a new one counts at once, an old one for a second more, and a burst of webhooks does not read it once for each of them.
 */
export class RecentSecret {
  private known: { value: Promise<string>; until: number } | null = null;

  constructor(
    private readonly resolve: () => Promise<string>,
    private readonly options: { forMs?: number } = {},
  ) {}

  /** Throws what `resolve` throws. */
  async fits(check: (value: string) => boolean): Promise<boolean> {
    const known = this.known && performance.now() < this.known.until ? await this.known.value : null;
    if (known !== null && check(known)) return true;
    const value = await this.anew();
    return value !== known && check(value);
  }

  private anew(): Promise<string> {
    const known = { value: this.resolve(), until: performance.now() + (this.options.forMs ?? forMs) };
    this.known = known;
    known.value.catch(() => {
      if (this.known === known) this.known = null;
    });
    return known.value;
  }
}
