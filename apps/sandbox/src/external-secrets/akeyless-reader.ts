export interface StoreAccess {
  url: string;
  accessId: string;
  accessKey: string;
}

/** Akeyless refused, or was not there. */
export class ReadFailure extends Error {}

const ANSWER_WITHIN_MS = 15_000;

/** Reads secrets over Akeyless' API, as the operator's provider does: one identity for all who use the store. */
export class AkeylessReader {
  #token: string | undefined;

  constructor(private readonly access: StoreAccess) {}

  /**
   * The fields of a secret. Each reading of a dynamic secret makes a new database user, and the one before stays until its time
   * is over: the operator never revokes. @throws ReadFailure
   */
  async read(name: string): Promise<Record<string, string>> {
    const item = await this.#call('/describe-item', { name });
    if (item['item_type'] === 'DYNAMIC_SECRET') return texts(await this.#call('/dynamic-secret-get-value', { name }));
    const values = await this.#call('/get-secret-value', { names: [name] });
    return fieldsOf(String(values[name]));
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
    const { accessId, accessKey } = this.access;
    const answer = answerOf(await this.#post('/auth', { 'access-id': accessId, 'access-key': accessKey }));
    this.#token = String(answer['token']);
    return this.#token;
  }

  async #post(path: string, body: object): Promise<{ status: number; text: string }> {
    try {
      const response = await fetch(`${this.access.url}${path}`, {
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
  if (status >= 200 && status < 300) return JSON.parse(text) as Record<string, unknown>;
  throw new ReadFailure(`${status}: ${text.slice(0, 300)}`);
}

/** A static secret may hold JSON, whose fields are then taken one by one. */
function fieldsOf(value: string): Record<string, string> {
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return texts(parsed as Record<string, unknown>);
  } catch {
    // Not JSON: one plain value.
  }
  return { value };
}

function texts(fields: Record<string, unknown>): Record<string, string> {
  const entries = Object.entries(fields).map(([name, field]) => [name, typeof field === 'string' ? field : JSON.stringify(field)]);
  return Object.fromEntries(entries) as Record<string, string>;
}
