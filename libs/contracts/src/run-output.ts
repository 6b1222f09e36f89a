import { z } from 'zod';

/** What a run that succeeded shows, as its template says in `spec.output`. A link leads to an http address or an entity. */
export const RunOutput = z.object({
  links: z.array(z.object({ title: z.string().optional(), icon: z.string().optional(), url: z.string().optional(), entityRef: z.string().optional() })),
  text: z.array(z.object({ title: z.string().optional(), icon: z.string().optional(), content: z.string() })),
  /** The template's own further keys. */
  values: z.record(z.string(), z.unknown()),
});
export type RunOutput = z.infer<typeof RunOutput>;
