import { z } from 'zod';
import { badRequest } from './akeyless-error.js';
import type { Gateway } from './gateway.js';
import type { Leases } from './leases.js';
import type { Caller } from './permissions.js';
import type { Rotations } from './rotations.js';

export interface OperationContext {
  gateway: Gateway;
  leases: Leases;
  rotations: Rotations;
}

/** One call of the API. All are POST with a JSON body; `fields` are all that the body may have, beside those of every call. */
export interface Operation {
  path: string;
  /** @throws AkeylessError */
  run(context: OperationContext, body: unknown): unknown;
}

const COMMON = { token: z.string().optional(), 'uid-token': z.string().optional(), json: z.boolean().optional() };

export function operation<F extends z.ZodRawShape>(
  path: string,
  fields: F,
  run: (context: OperationContext, input: z.output<z.ZodObject<F>>, caller: Caller) => unknown,
): Operation {
  const schema = z.strictObject({ ...COMMON, ...fields });
  return {
    path,
    run: (context, body) => {
      const input = readBody(schema, body);
      const caller = context.gateway.callerOf((input as { token?: string }).token);
      return run(context, input as unknown as z.output<z.ZodObject<F>>, caller);
    },
  };
}

/** A call that needs no token. */
export function openOperation<F extends z.ZodRawShape>(
  path: string,
  fields: F,
  run: (context: OperationContext, input: z.output<z.ZodObject<F>>) => unknown,
): Operation {
  const schema = z.strictObject({ ...COMMON, ...fields });
  return { path, run: (context, body) => run(context, readBody(schema, body) as unknown as z.output<z.ZodObject<F>>) };
}

/** Optional fields of one type, as most of a call's fields are. */
export function optional<T extends z.ZodType, N extends string>(type: T, ...names: N[]): Record<N, z.ZodOptional<T>> {
  return Object.fromEntries(names.map((name) => [name, type.optional()])) as Record<N, z.ZodOptional<T>>;
}

/** @throws AkeylessError 400 naming the first field that is wrong, in the words of Go's JSON decoder. */
function readBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') ?? '';
  if (issue?.code === 'unrecognized_keys') throw badRequest(`json: unknown field "${issue.keys[0]}"`);
  if (issue?.code === 'invalid_type' && issue.input === undefined) throw badRequest(`missing required parameter: ${field}`);
  if (issue?.code === 'invalid_type')
    throw badRequest(`json: cannot unmarshal into Go struct field .${field} of type ${issue.expected}`);
  throw badRequest(`invalid value of ${field}: ${issue?.message}`);
}
