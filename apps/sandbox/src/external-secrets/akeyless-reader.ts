/** How a store says that its users log in. */
export interface Login {
  url: string;
  accessId: string;
  accessType: string;
  /** The access key; for `k8s` the name of the gateway's auth config. */
  parameter: string;
  /** The service account's token, for `k8s`. */
  serviceAccountToken?: string;
}

/** Akeyless refused, or was not there. */
export class ReadFailure extends Error {}

/** There is nothing under that name, as far as we are permitted to know. */
export class NoSecret extends ReadFailure {
  constructor() {
    super('Secret does not exist');
  }
}

const ANSWER_WITHIN_MS = 15_000;

/** Reads secrets over Akeyless' API, as the operator's provider does: one identity for all who use the store. */
export class AkeylessReader {
  #token: string | undefined;

  constructor(
    private readonly url: string,
    private readonly logIn: () => Promise<Login>,
  ) {}

  /**
   * A secret as it was stored; a dynamic one as JSON. Each reading of a dynamic secret makes a new database user, and the one
   * before stays until its time is over: the operator never revokes. @throws ReadFailure, NoSecret
   */
  async read(name: string): Promise<string> {
    const item = await this.#call('/describe-item', { name });
    if (item['item_type'] === 'DYNAMIC_SECRET') return JSON.stringify(await this.#call('/dynamic-secret-get-value', { name }));
    if (item['item_type'] === 'ROTATED_SECRET') return JSON.stringify(await this.#call('/rotated-secret-get-value', { names: name }));
    const values = await this.#call('/get-secret-value', { names: [name] });
    const value = values[name];
    return typeof value === 'string' ? value : JSON.stringify(value);
  }

  /** The names of all secrets in a folder and below it. @throws ReadFailure */
  async list(path: string): Promise<string[]> {
    const answer = await this.#call('/list-items', { path });
    return ((answer['items'] ?? []) as { item_name: string }[]).map((item) => item.item_name);
  }

  async #call(path: string, body: Record<string, unknown>): Promise<Record<string, unknown>> {
    const first = await this.#post(path, { ...body, token: await this.#login() });
    if (first.status !== 401) return answerOf(first);
    // 401 means a token that expired as much as a right that is missing; only a new token tells which.
    this.#token = undefined;
    return answerOf(await this.#post(path, { ...body, token: await this.#login() }));
  }

  async #login(): Promise<string> {
    if (this.#token !== undefined) return this.#token;
    const { accessId, accessType, parameter, serviceAccountToken } = await this.logIn();
    const credential =
      serviceAccountToken === undefined
        ? { 'access-key': parameter }
        : {
            'k8s-auth-config-name': parameter,
            'k8s-service-account-token': Buffer.from(serviceAccountToken).toString('base64'),
            'gateway-url': this.url,
          };
    const answer = answerOf(await this.#post('/auth', { 'access-id': accessId, 'access-type': accessType, ...credential }));
    this.#token = String(answer['token']);
    return this.#token;
  }

  async #post(path: string, body: object): Promise<{ status: number; text: string }> {
    try {
      const response = await fetch(`${this.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      throw new ReadFailure(`can't reach the gateway: ${(error as Error).message}`, { cause: error });
    }
  }
}

function answerOf({ status, text }: { status: number; text: string }): Record<string, unknown> {
  if (status === 404) throw new NoSecret();
  if (status < 200 || status >= 300) throw new ReadFailure(`${status}: ${text.slice(0, 300)}`);
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new ReadFailure(`the gateway answered no JSON: ${(error as Error).message}`, { cause: error });
  }
}
