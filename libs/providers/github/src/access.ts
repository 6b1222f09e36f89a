import type { CallContext } from './client.js';

/** What a token is to be good for: of a GitHub App it is narrowed to this, and to one repository where that is known to be there. */
export interface Scope {
  /** By the names that GitHub gives the permissions of Apps. */
  needs: Readonly<Record<string, 'read' | 'write'>>;
  /** owner/name */
  repository?: string;
}

/** How we get in. */
export interface Access {
  /** The reference of the credential, to be shown to people. */
  readonly reference: string;
  /** To be used now and not kept; the run redacts it from here on. @throws StepError */
  token(ctx: CallContext, scope: Scope): Promise<string>;
  /** GitHub did not take the token of this scope. Whether the next one will be another, so that it is worth another try. */
  refused(scope: Scope): boolean;
}

/** A token that somebody made at GitHub. Resolved anew for each call: a rotated one is picked up without a restart. */
export function tokenAccess(reference: string): Access {
  return {
    reference,
    token: (ctx) => ctx.secrets.resolve(reference),
    refused: () => false,
  };
}
