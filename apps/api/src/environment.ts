import { SecretReference } from '@slipway/contracts';
import { z } from 'zod';

/** What the api is told by its environment. Everything else is in the file at `SLIPWAY_CONFIG`. */
export const Environment = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3_000),
  DATABASE_URL: z.string().min(1),
  REDIS_URL: z.string().min(1),
  SLIPWAY_CONFIG: z.string().min(1),
  SLIPWAY_KEY: SecretReference,
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});
export type Environment = z.infer<typeof Environment>;

/** Throws with every fault at once, each by the variable's name. An empty variable is one that is not set. */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The api cannot start, since its environment is not complete:\n${faults.join('\n')}`);
}
