import { LimitedCall, StepError, untilAborted } from '@slipway/engine';
import { V2Api } from 'akeyless';
import { Agent } from 'undici';
import { z } from 'zod';
import { type Call, classifyError, forbidden } from './classify-error.js';
import { addressAdvice } from './gateway-address.js';
import type { Proof } from './proof.js';
import { sendingByUndici } from './send-request.js';
import { TokenKeeper } from './token.js';

interface AkeylessClientOptions {
  url: string;
  accessId: string;
  proof: Proof;
  protect: (value: string) => void;
  /** PEM */
  ca?: string;
  deadlineMs?: number;
}

/** One account behind one Gateway. Every call has a deadline, follows the caller's signal, and fails with a `StepError`. */
export class AkeylessClient {
  readonly accessId: string;
  private readonly url: string;
  private readonly deadlineMs: number;
  private readonly connections: Agent;
  private readonly tokens: TokenKeeper;

  constructor(options: AkeylessClientOptions) {
    this.url = options.url.replace(/\/+$/, '');
    this.accessId = options.accessId;
    // Longer than the 15 s that the Gateway gives a database.
    this.deadlineMs = options.deadlineMs ?? 25_000;
    this.connections = new Agent({ allowH2: false, ...(options.ca !== undefined && { connect: { ca: options.ca } }) });
    this.tokens = new TokenKeeper(() => this.logIn(options));
  }

  /** `send` is called a second time, with another token, where Akeyless finds the first no longer valid. */
  async call<T>(call: Call, answer: z.ZodType<T>, send: (api: V2Api, token: string) => Promise<unknown>): Promise<T> {
    const token = await this.token(call);
    try {
      return await this.send(call, answer, [token], (api) => send(api, token));
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
      // 401 is Akeyless' word for "no token", "expired" and "not allowed" alike.
      if (await this.isValid(token, call.signal)) throw forbidden(call);
      this.tokens.forget(token);
    }
    const renewed = await this.token(call);
    try {
      return await this.send(call, answer, [renewed], (api) => send(api, renewed));
    } catch (error) {
      throw isUnauthorized(error) ? forbidden(call) : error;
    }
  }

  /** A read whose object may be missing: undefined then. */
  async find<T>(
    call: Omit<Call, 'writes'>,
    answer: z.ZodType<T>,
    send: (api: V2Api, token: string) => Promise<unknown>,
  ): Promise<T | undefined> {
    try {
      return await this.call({ ...call, writes: false }, answer, send);
    } catch (error) {
      if (error instanceof StepError && error.code === 'akeyless_not_found') return undefined;
      throw error;
    }
  }

  /** One login serves all who wait for it, so it does not end with the signal of one of them; the waiting does. */
  private async token(call: Call): Promise<string> {
    try {
      return await untilAborted(this.tokens.get(), call.signal);
    } catch (error) {
      throw classifyError(error, { ...call, writes: false });
    }
  }

  private async logIn({ accessId, proof, protect }: AkeylessClientOptions): Promise<z.infer<typeof Login>> {
    const { fields, secrets } = await proof.show();
    const call: Call = { doing: `log in with access id ${accessId}`, writes: false };
    try {
      const login = await this.send(call, Login, secrets, (api) => api.auth({ 'access-id': accessId, ...fields }));
      protect(login.token);
      return login;
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
      const message = `Akeyless does not accept ${proof.what} of access id ${accessId}. ${(error as Error).message}`;
      throw new StepError('fatal', 'akeyless_unauthorized', message, { remedy: proof.remedy });
    }
  }

  private async isValid(token: string, signal: AbortSignal | undefined): Promise<boolean> {
    const call: Call = { doing: 'validate its token', writes: false, ...(signal && { signal }) };
    try {
      const { is_valid } = await this.send(call, Validity, [token], (api) => api.validateToken({ token }));
      return is_valid;
    } catch (error) {
      if (isUnauthorized(error)) return false;
      throw error;
    }
  }

  private async send<T>(call: Call, answer: z.ZodType<T>, secrets: string[], send: (api: V2Api) => Promise<unknown>): Promise<T> {
    const limited = new LimitedCall(call.signal, this.deadlineMs);
    let received: unknown;
    try {
      limited.signal.throwIfAborted();
      received = await send(new V2Api(sendingByUndici(this.url, this.connections, limited.signal)));
    } catch (error) {
      throw this.advise(classifyError(error, { ...call, sends: [...(call.sends ?? []), ...secrets] }));
    } finally {
      limited.release();
    }
    const parsed = answer.safeParse(received);
    if (parsed.success) return parsed.data;
    const where = parsed.error.issues.map((issue) => issue.path.join('.') || 'the whole').join(', ');
    const message = `Akeyless answered in a shape we do not know, on our call to ${call.doing}: ${where}.`;
    throw this.advise(new StepError('lost', 'akeyless_unexpected_answer', message, { remedy: 'Check the version of the Gateway.' }));
  }

  /** Where the mistake may lie in the address, says what is wrong with it. */
  private advise(error: StepError): StepError {
    if (!OF_THE_ADDRESS.includes(error.code)) return error;
    const remedy = [error.remedy, addressAdvice(this.url)].filter(Boolean).join(' ');
    return new StepError(error.classification, error.code, error.message, { remedy });
  }
}

/** Of an answer in which we read nothing. Made once: to make a schema costs a third of what it takes to send a call. */
export const anyAnswer = z.unknown();

const OF_THE_ADDRESS = ['akeyless_wrong_url', 'akeyless_unreachable', 'akeyless_unexpected_answer'];

const Login = z.object({ token: z.string().min(1), expiration: z.string().optional().catch(undefined) });
const Validity = z.object({ is_valid: z.boolean() });

function isUnauthorized(error: unknown): boolean {
  return error instanceof StepError && error.code === 'akeyless_unauthorized';
}
