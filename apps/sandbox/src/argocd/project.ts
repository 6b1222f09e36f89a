import { z } from 'zod';

/** Argo CD's AppProject as its API speaks it. What the schema leaves out is dropped on arrival. */

const Text = z.string().optional();
const GroupKind = z.object({ group: z.string().default(''), kind: z.string().default('') });
export type GroupKind = z.infer<typeof GroupKind>;

const JwtToken = z.object({ iat: z.int(), exp: z.int().optional(), id: z.string().optional() });
export type JwtToken = z.infer<typeof JwtToken>;

const Role = z.object({
  name: z.string().default(''),
  description: Text,
  policies: z.array(z.string()).optional(),
  groups: z.array(z.string()).optional(),
  jwtTokens: z.array(JwtToken).optional(),
});
export type ProjectRole = z.infer<typeof Role>;

const Destination = z.object({ server: Text, name: Text, namespace: Text });
export type ProjectDestination = z.infer<typeof Destination>;

export const ProjectSpec = z.object({
  description: Text,
  sourceRepos: z.array(z.string()).optional(),
  destinations: z.array(Destination).optional(),
  roles: z.array(Role).optional(),
  clusterResourceWhitelist: z.array(GroupKind).optional(),
  clusterResourceBlacklist: z.array(GroupKind).optional(),
  namespaceResourceWhitelist: z.array(GroupKind).optional(),
  namespaceResourceBlacklist: z.array(GroupKind).optional(),
  syncWindows: z.array(z.record(z.string(), z.unknown())).optional(),
});
export type ProjectSpec = z.infer<typeof ProjectSpec>;

export const IncomingProject = z.object({
  metadata: z.object({
    name: z.string().default(''),
    namespace: Text,
    resourceVersion: Text,
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
    finalizers: z.array(z.string()).optional(),
  }),
  spec: ProjectSpec.default({}),
});
export type IncomingProject = z.infer<typeof IncomingProject>;

export interface Project {
  metadata: {
    name: string;
    namespace: string;
    uid: string;
    resourceVersion: string;
    generation: number;
    creationTimestamp: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    finalizers?: string[];
  };
  spec: ProjectSpec;
  status: { jwtTokensByRole?: Record<string, { items?: JwtToken[] }> };
}

/** The one that Argo CD installs: everything is allowed in it. */
export const DEFAULT_PROJECT = 'default';

export function tokensOf(project: Project, role: string): JwtToken[] {
  return project.status.jwtTokensByRole?.[role]?.items ?? [];
}
