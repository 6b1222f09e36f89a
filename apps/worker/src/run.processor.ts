import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import path from 'node:path';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Composition } from '@slipway/composition';
import { type EngineDependencies, Integrations, Sealer, advance, sealingKeys, systemClock } from '@slipway/engine';
import { type Database, PostgresArchiveStore, PostgresOutbox, PostgresRunStore } from '@slipway/persistence';
import { BullRunQueue, RedisAnnouncements, RedisAnnouncer, Relay, RunWorker, guardAgainstEviction, openRedis } from '@slipway/queue';
import { createEvaluator, createWorkspaces, removeStaleWorkspaces } from '@slipway/templating';
import type { Redis } from 'ioredis';
import { PinoLogger } from 'nestjs-pino';
import type { Environment } from './environment.js';
import { COMPOSITION, DATABASE, ENVIRONMENT, REDIS, WORKER_OPTIONS } from './tokens.js';
import type { WorkerOptions } from './worker-options.js';

const leaseMs = 6_000;
const heartbeatMs = 2_000;
const napMs = 250;
/** What calls in flight may still take once the process is told to stop; it is gone 15 s after the signal in any case. */
const graceMs = 10_000;
/** As long as GitHub goes on with a request that nobody waits for any more. */
const settleMs = 10_000;
/** Far beyond any run's deadline. */
const staleWorkspaceMs = 24 * 3_600_000;

/** Takes runs off the queue and advances them. */
@Injectable()
export class RunProcessor implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private worker: RunWorker | null = null;
  private relay: Relay | null = null;
  private queue: BullRunQueue | null = null;
  /** Connections that wait for Redis: of the worker, and of the bell. */
  private readonly patient: Redis[] = [];

  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    @Inject(COMPOSITION) private readonly composition: Composition,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(REDIS) private readonly redis: Redis,
    @Inject(PinoLogger) private readonly log: PinoLogger,
    @Inject(WORKER_OPTIONS) private readonly options: WorkerOptions,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await guardAgainstEviction(this.redis, { warn: (message) => this.log.warn(message), refuse: (error) => this.giveUp(error) });
    const queue = (this.queue = new BullRunQueue(this.redis));
    const relay = (this.relay = this.startRelay(queue));
    const engine = this.engine(queue, await this.sealer());
    removeStaleWorkspaces(this.workFolder(), staleWorkspaceMs).catch((error: unknown) => this.report(error));
    this.worker = new RunWorker({
      redis: this.openPatient(),
      concurrency: this.environment.SLIPWAY_WORKER_CONCURRENCY,
      advance: (runId) => advance(engine, runId, this.stopping.signal),
      onError: (error, runId) => this.report(error, runId),
      onEnded: () => relay.jobEnded(),
      onDrained: () => relay.ranEmpty(),
    });
  }

  /** Takes nothing more, lets runs be handed back, then lets go of everything. Each part is bounded, and the process as a whole. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort(new Error('The worker is stopping.'));
    await Promise.all([this.worker?.stop(), this.relay?.stop()]);
    await this.queue?.close();
    for (const redis of this.patient) redis.disconnect();
    this.redis.disconnect();
    await this.database.close();
  }

  private startRelay(queue: BullRunQueue): Relay {
    const relay = new Relay(new PostgresOutbox(this.database.pool), queue, {
      window: 2 * this.environment.SLIPWAY_WORKER_CONCURRENCY,
      onError: (error) => this.report(error),
    });
    relay.start();
    return relay;
  }

  private async sealer(): Promise<Sealer> {
    return new Sealer(sealingKeys(await this.composition.secrets.resolve(this.environment.SLIPWAY_KEY)));
  }

  private engine(queue: BullRunQueue, sealer: Sealer): EngineDependencies {
    const { registry, resolveSecret, processSecrets, config } = this.composition;
    const { pool } = this.database;
    return {
      store: new PostgresRunStore(pool),
      queue,
      announcer: new RedisAnnouncer(this.redis),
      bell: new RedisAnnouncements(this.openPatient(), 'told'),
      clock: systemClock,
      evaluator: createEvaluator(config.environment),
      environmentSecrets: config.environment.secrets,
      workspaces: createWorkspaces(new PostgresArchiveStore(pool), this.workFolder()),
      registry,
      integrations: new Integrations(systemClock),
      resolveSecret,
      processSecrets,
      sealer,
      // In a container every worker may be process 1 of one host name.
      owner: `${hostname()}:${process.pid}:${randomBytes(3).toString('hex')}`,
      leaseMs,
      heartbeatMs,
      napMs,
      maxParallel: 8,
      graceMs,
      settleMs,
      ...(this.options.reach ? { reach: this.options.reach } : {}),
    };
  }

  private openPatient(): Redis {
    const redis = openRedis(this.environment.REDIS_URL, { patient: true });
    this.patient.push(redis);
    return redis;
  }

  /** As if told to stop, so that runs are handed on; but a supervisor sees by the exit code that this was no ordinary end. */
  private giveUp(error: Error): void {
    this.log.fatal(error.message);
    process.exitCode = 1;
    process.kill(process.pid, 'SIGTERM');
  }

  private workFolder(): string {
    return path.join(this.environment.SLIPWAY_HOME, 'work');
  }

  /** Messages of drivers may quote what they were sent: redacted before they are written anywhere. */
  private report(error: unknown, runId?: string): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.log.error({ runId }, this.composition.processSecrets.redact(text));
  }
}
