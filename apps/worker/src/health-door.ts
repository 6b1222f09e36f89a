import { type Server, createServer } from 'node:http';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Database } from '@slipway/persistence';
import type { Redis } from 'ioredis';
import type { Environment } from './environment.js';
import { DATABASE, ENVIRONMENT, REDIS } from './tokens.js';

/** `GET /health/live` and `/health/ready` for whoever watches the container; the worker has no other door. */
@Injectable()
export class HealthDoor implements OnApplicationBootstrap, OnApplicationShutdown {
  private server: Server | null = null;

  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(REDIS) private readonly redis: Redis,
  ) {}

  onApplicationBootstrap(): void {
    const port = this.environment.SLIPWAY_HEALTH_PORT;
    if (port === undefined) return;
    this.server = createServer((request, response) => {
      const answer = request.url === '/health/live' ? Promise.resolve({ ok: true }) : this.ready();
      void answer.then((health) => {
        response.writeHead(health.ok ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify(health));
      });
    }).listen(port);
  }

  onApplicationShutdown(): void {
    this.server?.close();
  }

  private async ready(): Promise<{ ok: boolean; postgres: boolean; redis: boolean }> {
    const postgres = await this.database.pool.query('SELECT 1').then(() => true, () => false);
    const redis = await this.redis.ping().then(() => true, () => false);
    return { ok: postgres && redis, postgres, redis };
  }
}
