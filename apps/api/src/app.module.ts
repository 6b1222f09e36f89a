import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { LoggerModule } from 'nestjs-pino';
import { ActionsController } from './actions/actions.controller.js';
import { AuthController } from './auth/auth.controller.js';
import { AuthGuard } from './auth/auth.guard.js';
import { Authenticator } from './auth/authenticator.js';
import { SignInLinkController } from './auth/sign-in-link.controller.js';
import { EntitiesController } from './catalogue/entities.controller.js';
import { IntegrationsController } from './engine/integrations.controller.js';
import { PauseController } from './engine/pause.controller.js';
import { ErrorFilter } from './errors/error.filter.js';
import { CatalogueResolver } from './graphql/catalogue.resolver.js';
import { GraphqlController } from './graphql/graphql.controller.js';
import { graphqlModule } from './graphql/graphql-driver.js';
import { RunEventsResolver } from './graphql/run-events.resolver.js';
import { RunsResolver } from './graphql/runs.resolver.js';
import { HealthController } from './health/health.controller.js';
import { Metrics } from './metrics/metrics.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { OpenApiController } from './openapi/openapi.controller.js';
import { OpenStreams } from './runs/open-streams.js';
import { PlanRunController } from './runs/plan-run.controller.js';
import { RequestRunController } from './runs/request-run.controller.js';
import { RunEventsController } from './runs/run-events.controller.js';
import { RunsController } from './runs/runs.controller.js';
import { RUNTIME } from './runtime-token.js';
import type { ApiRuntime } from './runtime.js';
import { RefreshSources } from './templates/refresh-sources.js';
import { TemplateSourcesController } from './templates/template-sources.controller.js';
import { WebController } from './web/web.controller.js';
import { GithubWebhookController } from './webhooks/github-webhook.controller.js';
import { ProcessDeliveries } from './webhooks/process-deliveries.js';
import { WatchRepositories } from './webhooks/watch-repositories.js';

@Module({})
export class AppModule {
  static with(runtime: ApiRuntime): DynamicModule {
    return {
      module: AppModule,
      imports: [LoggerModule.forRoot({ pinoHttp: { logger: frameworkLog(runtime) }, useExisting: true }), graphqlModule()],
      controllers: [
        AuthController,
        SignInLinkController,
        ActionsController,
        RequestRunController,
        PlanRunController,
        RunsController,
        RunEventsController,
        EntitiesController,
        TemplateSourcesController,
        GraphqlController,
        GithubWebhookController,
        HealthController,
        MetricsController,
        IntegrationsController,
        PauseController,
        OpenApiController,
        WebController,
      ],
      providers: [
        { provide: RUNTIME, useValue: runtime },
        { provide: APP_GUARD, useClass: AuthGuard },
        { provide: APP_FILTER, useClass: ErrorFilter },
        Authenticator,
        CatalogueResolver,
        Metrics,
        OpenStreams,
        ProcessDeliveries,
        RefreshSources,
        RunEventsResolver,
        RunsResolver,
        WatchRepositories,
      ],
    };
  }
}

/** Nest tells of every route and module at each start; what it warns of is worth a line. */
function frameworkLog(runtime: ApiRuntime): ApiRuntime['log'] {
  return runtime.log.child({}, runtime.log.isLevelEnabled('warn') ? { level: 'warn' } : {});
}
