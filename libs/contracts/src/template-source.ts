import { z } from 'zod';

/** What is wrong, or doubtful, in a template, and where. */
export const TemplateFinding = z.object({
  severity: z.enum(['error', 'warning']),
  code: z.string(),
  message: z.string(),
  file: z.string().optional(),
  line: z.int().optional(),
  column: z.int().optional(),
});
export type TemplateFinding = z.infer<typeof TemplateFinding>;

/** What a template source held at some time. */
export const TemplateVersionView = z.object({
  id: z.string(),
  digest: z.string(),
  /** Null of a folder. */
  commit: z.object({ sha: z.string(), author: z.string(), message: z.string(), at: z.string() }).nullable(),
  /** Paths, since the version before. */
  changes: z.object({ added: z.array(z.string()), changed: z.array(z.string()), removed: z.array(z.string()) }),
  findings: z.array(TemplateFinding),
  /** Its actions; null where a finding is an error: such a version is never offered. */
  actions: z.array(z.string()).nullable(),
  loadedAt: z.iso.datetime(),
  offered: z.boolean(),
});
export type TemplateVersionView = z.infer<typeof TemplateVersionView>;

export const TemplateSourceView = z.object({
  name: z.string(),
  /** Null of a folder. */
  url: z.string().nullable(),
  reference: z.string().nullable(),
  path: z.string(),
  lookedAt: z.iso.datetime().nullable(),
  /** Why the last look failed. */
  failure: z.string().nullable(),
  offeredBy: z.string().nullable(),
  offeredAt: z.iso.datetime().nullable(),
  /** Somebody chose what is offered: newer versions wait until they are chosen, too. */
  held: z.boolean(),
  /** Latest first. */
  versions: z.array(TemplateVersionView),
});
export type TemplateSourceView = z.infer<typeof TemplateSourceView>;

/** The body of `PUT /v1/templates/sources/{source}/offer`: one version, or whatever is newest from now on. */
export const OfferVersionBody = z.object({ version: z.string().regex(/^(\d{1,18}|latest)$/, 'must be the id of a version, or latest') });
export type OfferVersionBody = z.infer<typeof OfferVersionBody>;
