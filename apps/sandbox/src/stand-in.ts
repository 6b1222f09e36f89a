import type { FastifyInstance } from 'fastify';

export type System = 'github' | 'akeyless' | 'argocd' | 'kubernetes';

/** Key and certificate chain, PEM, of a stand-in that speaks HTTPS. */
export interface Tls {
  readonly key: string;
  readonly cert: string;
  /** The certificate authority a client must trust. */
  readonly ca: string;
}

/**
 * One external system as the sandbox shows it. The process gives each its own port and its own Fastify instance, and puts
 * the request log, latency and faults in front of it; a stand-in adds only the routes of the system it stands for.
 */
export interface StandIn {
  readonly system: System;
  /** Present: served over HTTPS. */
  readonly tls?: Tls;
  /** `app` reads JSON bodies already, an empty one as undefined; other content types are the stand-in's to add. */
  routes(app: FastifyInstance): Promise<void> | void;
  /** What this stand-in holds, or a promise of it, for GET /state of the control API. No secret values. */
  state(): unknown;
  /** Forgets everything but the seed: what a home holds on its first start. Credentials stay. */
  reset(): Promise<void>;
  close(): Promise<void>;
}
