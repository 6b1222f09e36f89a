import * as z from 'zod/mini';
import { ApiError, call } from './call.js';

const Answer = z.object({
  data: z.nullish(z.record(z.string(), z.unknown())),
  errors: z.optional(z.array(z.object({ message: z.string(), extensions: z.optional(z.object({ code: z.optional(z.string()) })) }))),
});

/** Asks GraphQL and keeps of the answer's data what `shape` names. Throws ApiError for the first error in it. */
export async function ask<T>(document: string, variables: Record<string, unknown>, shape: z.ZodMiniType<T>, signal?: AbortSignal): Promise<T> {
  const body = await call('/graphql', { method: 'POST', body: { query: document, variables }, ...(signal ? { signal } : {}) });
  const answer = z.parse(Answer, body);
  const [error] = answer.errors ?? [];
  if (error) throw new ApiError(200, (error.extensions?.code ?? 'unexpected').toLowerCase(), error.message);
  return z.parse(shape, answer.data);
}
