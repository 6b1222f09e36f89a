import { ApiException, KubeConfig } from '@kubernetes/client-node';
import type { FastifyInstance } from 'fastify';
import type { Fault } from '../../core/fault.js';
import type { Faults } from '../../core/faults.js';
import type { Clock } from '../../core/clock.js';
import { RequestLog } from '../../core/request-log.js';
import { createServer } from '../../core/serve.js';
import { PublishedImages } from '../../github/published-images.js';
import type { Database } from '../../mariadb/database.js';
import { startDatabase } from '../../mariadb/start-database.js';
import { openTestContext, type TestContext } from '../../mariadb/test-context.js';
import { createKubernetes, type Kubernetes } from '../create-kubernetes.js';

/** The stand-in as it is served, over HTTPS and with everything behind it, for the official client to be let loose on. */
export class RunningCluster {
  kubernetes!: Kubernetes;
  server!: FastifyInstance;
  config!: KubeConfig;

  static async start(): Promise<RunningCluster> {
    const context = await openTestContext();
    const database = await startDatabase(context.ctx, { port: context.ctx.ports.mysql });
    const cluster = new RunningCluster(context, database, new PublishedImages(context.ctx.store));
    await cluster.#serve();
    return cluster;
  }

  private constructor(
    private readonly context: TestContext,
    private readonly database: Database,
    readonly images: PublishedImages,
  ) {}

  get clock(): Clock {
    return this.context.ctx.clock;
  }

  get url(): string {
    return `https://${this.context.ctx.publicHost}:${this.context.ctx.ports.kubernetes}`;
  }

  /** Switches one fault of a thing on, and all others off. */
  fault(fault: Fault['fault'], name: string, more: Partial<Fault> = {}): void {
    this.faults.set([{ system: 'kubernetes', fault, match: { name }, probability: 1, seed: 1, ...more }]);
  }

  get faults(): Faults {
    return this.context.ctx.faults;
  }

  /** As a process does that was killed: nothing but the store is left. */
  async restart(): Promise<void> {
    await this.#stop();
    await this.#serve();
  }

  /** A kubeconfig for whoever has this token. */
  configFor(token: string): KubeConfig {
    const config = new KubeConfig();
    config.loadFromString(this.config.exportConfig().replace(this.kubernetes.credentials.token, token));
    return config;
  }

  async reset(): Promise<void> {
    this.faults.set([]);
    await this.kubernetes.standIn.reset();
  }

  async close(): Promise<void> {
    await this.#stop();
    await this.database.close();
    await this.context.close();
  }

  async #serve(): Promise<void> {
    const { ctx } = this.context;
    this.kubernetes = await createKubernetes(ctx, this.database, this.images);
    const log = new RequestLog(ctx.clock, () => []);
    this.server = await createServer(this.kubernetes.standIn, { store: ctx.store, clock: ctx.clock, log, faults: ctx.faults, latency: new Map() });
    await this.server.listen({ host: ctx.host, port: ctx.ports.kubernetes });
    this.config = new KubeConfig();
    this.config.loadFromFile(this.kubernetes.credentials.kubeconfig);
  }

  async #stop(): Promise<void> {
    await this.server.close();
    await this.kubernetes.standIn.close();
  }
}

export interface Refusal {
  code: number;
  reason: string;
  message: string;
  details: { name: string; kind: string; causes: { reason: string; message: string; field: string }[] };
}

/** The Status in the body of the refusal. */
export async function refused(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof ApiException)) throw error;
    // The client keeps no body of the statuses that its description names, which is 401 alone.
    return { code: error.code, ...(typeof error.body === 'string' ? (JSON.parse(error.body) as object) : {}) } as Refusal;
  }
  throw new Error('The API server did what it should have refused.');
}
