import * as z from 'zod/mini';

/** One rule that an input breaks; `path` is `properties.NAME`, or the name of another part of the request. */
const FieldIssue = z.object({ path: z.string(), code: z.string(), message: z.string() });
export type FieldIssue = z.infer<typeof FieldIssue>;

const ErrorBody = z.object({ error: z.string(), message: z.string(), details: z.optional(z.array(FieldIssue)) });

/** What the api refused or could not do, in its own words. `status` is 0 where it was not reached at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: readonly FieldIssue[] = [],
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

interface CallInit {
  method?: 'GET' | 'POST';
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** That nobody is signed in is an answer to this call, and no news. */
  mayBeSignedOut?: boolean;
}

/** Calls our own origin with the session's cookie. Answers with the parsed body; throws ApiError for everything else. */
export async function call(path: string, init: CallInit = {}): Promise<unknown> {
  const response = await reach(path, init);
  const body = await readJson(response);
  if (response.ok) return body;
  if (response.status === 401 && !init.mayBeSignedOut) announceSignedOut();
  throw refusal(response.status, body);
}

async function reach(path: string, { method = 'GET', body, headers, signal }: CallInit): Promise<Response> {
  try {
    return await fetch(path, {
      method,
      credentials: 'same-origin',
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, 'unreachable', 'Slipway does not answer. Check your connection; nothing is lost, and you can try again.');
  }
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function refusal(status: number, body: unknown): ApiError {
  const read = z.safeParse(ErrorBody, body);
  if (!read.success) return new ApiError(status, 'unexpected', `Slipway answered with HTTP ${status}. Try again; if it stays so, tell your platform team.`);
  return new ApiError(status, read.data.error, read.data.message, read.data.details ?? []);
}

const signedOutListeners = new Set<() => void>();

/** Tells when any call finds the session gone. Answers with the way to stop listening. */
export function onSignedOut(listener: () => void): () => void {
  signedOutListeners.add(listener);
  return () => signedOutListeners.delete(listener);
}

export function announceSignedOut(): void {
  for (const listener of signedOutListeners) listener();
}
