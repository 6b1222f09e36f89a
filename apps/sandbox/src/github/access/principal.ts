import type { Account } from '../model.js';

/** Permission names and levels of GitHub Apps, as installation tokens carry them. */
export type Permissions = Record<string, 'read' | 'write' | 'admin'>;

/** Who asks. */
export type Principal =
  | { kind: 'user'; account: Account }
  | { kind: 'app' }
  | { kind: 'installation'; permissions: Permissions; /** null: all of the installation. */ repositoryIds: number[] | null };

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every request that got past authentication. */
    principal: Principal;
  }
}

const LEVELS = ['read', 'write', 'admin'];

export function isAllowed(held: Permissions, name: string, level: 'read' | 'write' | 'admin'): boolean {
  return LEVELS.indexOf(held[name] ?? '') >= LEVELS.indexOf(level);
}
