import { randomUUID } from 'node:crypto';
import fastifyStatic from '@fastify/static';
import websocket from '@fastify/websocket';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { Logger } from 'nestjs-pino';
import { AppModule } from './app.module.js';
import { Authenticator } from './auth/authenticator.js';
import { refuseStrangers } from './auth/refuse-strangers.js';
import { sendError } from './errors/error.filter.js';
import { registerGraphqlSocket } from './graphql/graphql-socket.js';
import { registerBodyParser } from './http/body-parser.js';
import { Metrics } from './metrics/metrics.js';
import { observeRequests } from './metrics/observe-requests.js';
import type { ApiRuntime } from './runtime.js';

interface AppHooks {
  /** Told of every route as it is registered. */
  onRoute?(method: string, url: string): void;
}

/** The api, ready to listen. Closing it ends streams and loops; the runtime stays its maker's to close. */
export async function createApp(runtime: ApiRuntime, hooks: AppHooks = {}): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    loggerInstance: runtime.log,
    // observeRequests writes one line a request, without the query string, which may hold a sign-in token.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    // Streams are ended by OpenStreams; whoever still holds on is not waited for.
    forceCloseConnections: true,
    // An address that cannot be decoded belongs to no route.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => void sendError(request, reply, error),
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: 1_000 },
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.with(runtime), adapter, {
    bodyParser: false,
    bufferLogs: true,
  });
  app.useLogger(app.get(Logger));
  const instance = app.getHttpAdapter().getInstance();
  instance.addHook('onRoute', (route) => {
    // Nest installs its own handler only after its routes, too late for what Fastify refuses by itself.
    route.errorHandler = (error, request, reply) => void sendError(request, reply, error);
    for (const method of [route.method].flat()) hooks.onRoute?.(method, route.url);
  });
  refuseStrangers(instance);
  registerBodyParser(instance);
  observeRequests(instance, app.get(Metrics));
  await instance.register(fastifyStatic, { serve: false, root: runtime.webFolder });
  await instance.register(websocket, { options: { maxPayload: 64 * 1024 } });
  registerGraphqlSocket(instance, () => ({
    schema: () => app.get(GraphQLSchemaHost).schema,
    authenticator: app.get(Authenticator),
  }));
  await app.init();
  await instance.ready();
  return app;
}
