import { z } from 'zod';

/**
 * A row of the ledger. `PLANNED` is written before the call that creates the thing, so that a crash between call and
 * record still leaves a trace to undo by; `CREATED` once it is known to be there; `REMOVED` once it is known to be
 * gone; `KEPT` when it was left on purpose (an archived repository); `REMOVE_FAILED` needs another try or a person.
 */
export const ResourceState = z.enum(['PLANNED', 'CREATED', 'REMOVED', 'KEPT', 'REMOVE_FAILED']);
export type ResourceState = z.infer<typeof ResourceState>;

export const ResourceView = z.object({
  /** `provider:kind`, e.g. `github:repository`. */
  kind: z.string(),
  /** The external system's own name for it, unique within the kind, e.g. `acme/shop`. */
  externalId: z.string(),
  stepId: z.string(),
  runId: z.string(),
  state: ResourceState,
  title: z.string(),
  url: z.string().nullable(),
  /** Facts about it worth showing (a path, a host). Never a secret. */
  properties: z.record(z.string(), z.unknown()),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type ResourceView = z.infer<typeof ResourceView>;

/** What the world still holds: everything but what is known to be gone or was left on purpose. */
export function isStanding(state: ResourceState): boolean {
  return state !== 'REMOVED' && state !== 'KEPT';
}
