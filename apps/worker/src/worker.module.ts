import { type DynamicModule, Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { type Composition, compose } from '@slipway/composition';
import { type Provider, Registry } from '@slipway/engine';
import { type Database, openDatabase, PostgresCatalogue } from '@slipway/persistence';
import { openRedis, RedisRateLimiter } from '@slipway/queue';
import type { Redis } from 'ioredis';
import type { Environment } from './environment.js';
import { HealthDoor } from './health-door.js';
import { Housekeeper } from './housekeeper.js';
import { RunProcessor } from './run.processor.js';
import { COMPOSITION, DATABASE, ENVIRONMENT, REDIS, WORKER_OPTIONS } from './tokens.js';
import type { WorkerOptions } from './worker-options.js';

@Module({})
export class WorkerModule {
  static with(environment: Environment, options: WorkerOptions): DynamicModule {
    return {
      module: WorkerModule,
      imports: [LoggerModule.forRoot({ pinoHttp: { level: process.env['LOG_LEVEL'] ?? 'info' } })],
      providers: [
        { provide: ENVIRONMENT, useValue: environment },
        { provide: WORKER_OPTIONS, useValue: options },
        {
          provide: COMPOSITION,
          inject: [REDIS, DATABASE],
          useFactory: (redis: Redis, database: Database) =>
            composeWith(
              environment.SLIPWAY_CONFIG,
              { limiter: new RedisRateLimiter(redis), catalogue: new PostgresCatalogue(database.pool) },
              options.providers ?? [],
            ),
        },
        { provide: DATABASE, useFactory: (): Database => openDatabase(environment.DATABASE_URL, { maxConnections: 20 }) },
        { provide: REDIS, useFactory: () => openRedis(environment.REDIS_URL) },
        RunProcessor,
        Housekeeper,
        HealthDoor,
      ],
    };
  }
}

async function composeWith(configFile: string, surroundings: Parameters<typeof compose>[1], added: Provider[]): Promise<Composition> {
  const composition = await compose(configFile, surroundings);
  const providers = [...composition.providers, ...added];
  return { ...composition, providers, registry: new Registry(providers) };
}
