import { z } from 'zod';

/** Who acts: a person with a session, or a machine with a client credential. */
export const Principal = z.object({
  kind: z.enum(['user', 'client']),
  id: z.string(),
  team: z.string().nullable(),
  roles: z.array(z.enum(['admin', 'member'])),
});
export type Principal = z.infer<typeof Principal>;
