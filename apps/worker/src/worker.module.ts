import { type DynamicModule, Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { type Composition, compose } from '@slipway/composition';
import { type Database, openDatabase } from '@slipway/persistence';
import { openRedis } from '@slipway/queue';
import type { Environment } from './environment.js';
import { HealthDoor } from './health-door.js';
import { RunProcessor } from './run.processor.js';
import { COMPOSITION, DATABASE, ENVIRONMENT, REDIS } from './tokens.js';

@Module({})
export class WorkerModule {
  static with(environment: Environment): DynamicModule {
    return {
      module: WorkerModule,
      imports: [LoggerModule.forRoot({ pinoHttp: { level: process.env['LOG_LEVEL'] ?? 'info' } })],
      providers: [
        { provide: ENVIRONMENT, useValue: environment },
        { provide: COMPOSITION, useFactory: (): Promise<Composition> => compose(environment.SLIPWAY_CONFIG) },
        { provide: DATABASE, useFactory: (): Database => openDatabase(environment.DATABASE_URL, { maxConnections: 20 }) },
        { provide: REDIS, useFactory: () => openRedis(environment.REDIS_URL) },
        RunProcessor,
        HealthDoor,
      ],
    };
  }
}
