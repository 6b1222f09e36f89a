import { z } from 'zod';

/** As Backstage writes a length of time; what is absent is nothing. */
export const Duration = z.object({
  hours: z.number().min(0).optional(),
  minutes: z.number().min(0).optional(),
  seconds: z.number().min(0).optional(),
  milliseconds: z.number().min(0).optional(),
});

export function durationMs({ hours = 0, minutes = 0, seconds = 0, milliseconds = 0 }: z.infer<typeof Duration>): number {
  return Math.round(((hours * 60 + minutes) * 60 + seconds) * 1_000 + milliseconds);
}
