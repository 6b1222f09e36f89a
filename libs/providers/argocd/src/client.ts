import { type Clock, LimitedCall, type RateLimiter, type Secrets } from '@slipway/engine';
import { z } from 'zod';
import { classifyAnswer, classifySilence, parseJson, unreadable } from './classify-error.js';
import type { ArgocdConfig } from './config.js';
import { createSession, type Session } from './session.js';
import { type Answer, createTransport, type Transport } from './transport.js';

/** What a call needs of the step or kind that makes it. */
export interface CallContext {
  signal: AbortSignal;
  secrets: Secrets;
  clock: Clock;
}

export interface ArgocdCall<T> {
  /** Completes the sentence "Could not …": `create the application shop`. */
  what: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** From `/api/v1` on, encoded. */
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  /** Only the fields that we use. */
  answer: z.ZodType<T>;
}

export interface ArgocdClient {
  readonly config: ArgocdConfig;
  readonly session: Session;
  /** Throws `StepError`, or `NotNow` while log-ins rest; then nothing was sent. */
  call<T>(ctx: CallContext, call: ArgocdCall<T>): Promise<T>;
}

/** Of an answer in which we read nothing. Zod compiles a schema as it is first used: one made for each call costs more than to send it. */
export const anyObject = z.object({});

/** Long, since a GET with `refresh` answers only once the controller has compared. */
const requestDeadlineMs = 45_000;

/** `limiter` is the one of all who log in as this account; `ca` is PEM. */
export function createArgocdClient(config: ArgocdConfig, limiter: RateLimiter, ca?: string): ArgocdClient {
  const transport = createTransport(config.url, ca);
  const session = createSession(config, transport, limiter);
  return {
    config,
    session,
    async call(ctx, call) {
      const { status, body } = await sendWithSession(transport, session, ctx, call);
      if (status < 200 || status > 299) throw classifyAnswer({ status, body }, describe(call));
      const parsed = call.answer.safeParse(parseJson(body));
      if (!parsed.success) throw unreadable(describe(call), parsed.error);
      return parsed.data;
    },
  };
}

/** A token can end early (it was replaced, the password changed, the server's key renewed): then once more with another. */
async function sendWithSession<T>(transport: Transport, session: Session, ctx: CallContext, call: ArgocdCall<T>): Promise<Answer> {
  const token = await session.token(ctx);
  const answer = await send(transport, token, ctx.signal, call);
  if (answer.status !== 401) return answer;
  const other = await session.replace(ctx, token);
  return other === undefined ? answer : send(transport, other, ctx.signal, call);
}

async function send<T>(transport: Transport, token: string, signal: AbortSignal, call: ArgocdCall<T>): Promise<Answer> {
  const query = new URLSearchParams(call.query).toString();
  const path = `/api/v1${call.path}${query === '' ? '' : `?${query}`}`;
  const limited = new LimitedCall(signal, requestDeadlineMs);
  try {
    return await transport({ method: call.method, path, token, body: call.body, signal: limited.signal });
  } catch (error) {
    throw classifySilence(error, describe(call));
  } finally {
    limited.release();
  }
}

function describe<T>(call: ArgocdCall<T>): { what: string; write: boolean } {
  return { what: call.what, write: call.method !== 'GET' };
}
