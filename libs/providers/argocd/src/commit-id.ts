import { z } from 'zod';

export const CommitId = z.string().regex(/^[0-9a-f]{40}$/, 'must be a whole commit id');
