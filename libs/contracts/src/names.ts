import { z } from 'zod';

/**
 * Names by allow-list, one rule per system that holds them. Nothing else ever reaches SQL text, a path, a manifest
 * or a URL. Each rule says in words what it allows, since a form shows that sentence.
 */

/** RFC 1123 label, at most `max` characters: Kubernetes namespaces and objects, Argo CD applications. */
function dnsLabel(max: number) {
  return z
    .string()
    .max(max, `must be at most ${max} characters long`)
    .regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/, 'must start with a letter, hold only lower-case letters, digits and dashes, and not end with a dash');
}

/** An entity's identifier; at most 40 characters, so that `mysql-<name>-0` and its like stay inside 63. */
export const EntityName = dnsLabel(40);

export const NamespaceName = dnsLabel(63).refine((name) => !/^(kube-|default$)/.test(name), 'is reserved by Kubernetes');

/** GitHub allows more (dots, upper case); we keep to what is also a container image name. */
export const RepositoryName = dnsLabel(100);

/** MySQL schema: no dash (needs quoting), no `_` (a wildcard in GRANT), at most 32 characters. */
export const DatabaseName = z
  .string()
  .max(32, 'must be at most 32 characters long')
  .regex(/^[a-z][a-z0-9]*$/, 'must start with a letter and hold only lower-case letters and digits (a database name is no DNS label: no dashes)')
  .refine((name) => !['mysql', 'sys', 'test', 'information', 'performance'].includes(name), 'is reserved by MySQL');

/** Identifiers of blueprints, actions, clients and integrations. */
export const Identifier = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[A-Za-z_][A-Za-z0-9_-]*$/, 'must start with a letter and hold only letters, digits, dashes and underscores');
