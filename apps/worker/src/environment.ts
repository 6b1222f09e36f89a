import { tmpdir } from 'node:os';
import path from 'node:path';
import { SecretReference } from '@slipway/contracts';
import { z } from 'zod';

/** What the process is told from outside, checked once. */
const Environment = z.object({
  DATABASE_URL: z.string().min(1),
  REDIS_URL: z.string().min(1),
  SLIPWAY_CONFIG: z.string().min(1),
  /** Opens what was typed into forms: the same keys as the api's. */
  SLIPWAY_KEY: SecretReference,
  /** Holds the working copies of runs; nothing here has to outlive the process. */
  SLIPWAY_HOME: z.string().min(1).default(path.join(tmpdir(), 'slipway')),
  /** Runs worked on at the same time by this process. */
  SLIPWAY_WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(50),
  /** Where health is answered; absent: nowhere. */
  SLIPWAY_HEALTH_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
});
export type Environment = z.infer<typeof Environment>;

export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const parsed = Environment.safeParse(env);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The worker's environment is not complete: ${faults.join('; ')}. See docs/operating.md.`);
}
