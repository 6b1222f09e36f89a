import * as z from 'zod/mini';
import { announceSignedOut, ApiError, call } from './call.js';

const Me = z.object({ principal: z.object({ id: z.string(), team: z.nullable(z.string()) }) });
export type Person = z.infer<typeof Me>['principal'];

/** Who is signed in; null when nobody is. */
export async function loadPerson(signal?: AbortSignal): Promise<Person | null> {
  try {
    return z.parse(Me, await call('/v1/me', { mayBeSignedOut: true, ...(signal ? { signal } : {}) })).principal;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

export async function signOut(): Promise<void> {
  await call('/v1/auth/sign_out', { method: 'POST', body: {} });
  announceSignedOut();
}
