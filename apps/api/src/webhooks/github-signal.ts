import type { NewSignal } from '@slipway/portal';
import { z } from 'zod';

/** What a step that waits for GitHub is told: which thing it is about and how it stands, never a whole payload. */
const Told = z.object({
  action: z.string().optional(),
  ref: z.string().optional(),
  after: z.string().optional(),
  repository: z.object({ id: z.number(), full_name: z.string().min(1) }),
  pull_request: z
    .object({ number: z.number(), state: z.string(), merged: z.boolean().optional(), head: z.object({ sha: z.string() }) })
    .optional(),
  workflow_run: z
    .object({ id: z.number(), name: z.string().nullish(), status: z.string().nullish(), conclusion: z.string().nullish(), head_sha: z.string() })
    .optional(),
  check_run: z
    .object({ id: z.number(), name: z.string(), status: z.string(), conclusion: z.string().nullish(), head_sha: z.string() })
    .optional(),
});

/** `github:<event>:<owner>/<repository>`; null for what is about no repository. */
export function githubSignal(event: string, payload: unknown): NewSignal | null {
  const told = Told.safeParse(payload);
  if (!told.success) return null;
  return { key: `github:${event}:${told.data.repository.full_name}`, body: told.data };
}
