import { z } from 'zod';

/** `creating` from the request on, so that the name is taken at once; `failed` frees it once nothing is left standing. */
export const EntityStatus = z.enum(['creating', 'ready', 'failed', 'deleting']);
export type EntityStatus = z.infer<typeof EntityStatus>;

export const EntityLink = z.object({ kind: z.string(), title: z.string(), url: z.string() });
export type EntityLink = z.infer<typeof EntityLink>;

export const EntityView = z.object({
  blueprint: z.string(),
  identifier: z.string(),
  title: z.string(),
  team: z.string().nullable(),
  status: EntityStatus,
  properties: z.record(z.string(), z.unknown()),
  relations: z.record(z.string(), z.unknown()),
  /** Derived from the ledger: present from the moment the resource is. */
  links: z.array(EntityLink),
  createdBy: z.string(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type EntityView = z.infer<typeof EntityView>;
