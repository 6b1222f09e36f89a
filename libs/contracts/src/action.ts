import { z } from 'zod';
import { Operation } from './run.js';

/** A form page: JSON Schema with inlined `ui:*` keys, as the template's author wrote it. */
export const FormPage = z.record(z.string(), z.unknown());
export type FormPage = z.infer<typeof FormPage>;

export const ActionView = z.object({
  identifier: z.string(),
  title: z.string(),
  description: z.string(),
  operation: Operation,
  blueprint: z.string(),
  pages: z.array(FormPage),
  templateDigest: z.string(),
});
export type ActionView = z.infer<typeof ActionView>;

/** The body of `POST /v1/actions/{action}/runs`. `entity` names the entity of a DAY-2 or DELETE action. */
export const RequestRunBody = z.object({
  properties: z.record(z.string(), z.unknown()).default({}),
  /** For fields that are secrets; a form sends them among the properties. */
  secrets: z.record(z.string(), z.unknown()).default({}),
  entity: z.string().optional(),
  /** A plan's hash: the run is accepted only if the plan would be the same now. */
  planHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be the hash of a plan')
    .optional(),
});
export type RequestRunBody = z.infer<typeof RequestRunBody>;
