import type { Clock, Evaluator, Registry, Sealer, Secrets } from '@slipway/engine';
import type {
  AccessStore,
  AccessTokenDeps,
  ActionStore,
  Announcements,
  Delivery,
  DeliveryStore,
  EntityReader,
  IntegrationProbe,
  NewSignal,
  ObservedRepositories,
  PauseStore,
  RepositoryEvent,
  RepositoryTruth,
  RunInbox,
  RunReader,
  RunRequestStore,
  SourceReader,
  TemplateSource,
  TemplateSourceStore,
} from '@slipway/portal';
import type { ArchiveStore, RemoteContent } from '@slipway/templating';
import type { Logger } from 'pino';
import type { Dependency } from './health/dependencies.js';

/** What the doors are given. main.ts makes it from the environment, a spec from its own database. */
export interface ApiRuntime {
  portal: PortalDeps;
  /** What `/health/ready` asks. */
  dependencies: readonly Dependency[];
  /** As configured; their templates are read once the api is up. */
  templateSources: readonly TemplateSource[];
  webhooks: { github: WebhookSource | null };
  /** Where people reach us, without a slash at its end: links and cookies are made for it. */
  publicUrl: string;
  /** The built web app; may be missing. */
  webFolder: string;
  log: Logger;
}

/** Everything that portal's use cases ask for; each takes the part it needs. */
export interface PortalDeps extends AccessTokenDeps {
  access: AccessStore;
  actions: ActionStore;
  entities: EntityReader;
  runs: RunReader;
  requests: RunRequestStore;
  inbox: RunInbox;
  deliveries: DeliveryStore;
  repositories: ObservedRepositories;
  pauses: PauseStore;
  integrations: readonly IntegrationProbe[];
  announcements: Announcements;
  archives: ArchiveStore;
  registry: Registry;
  remote: RemoteContent;
  secrets: Secrets;
  sealer: Sealer;
  sources: TemplateSourceStore;
  sourceReader: SourceReader;
  evaluator: Evaluator;
  clock: Clock;
  kick(newRun?: string): void;
  ring(runId: string): void;
}

/** A provider's side of a webhook: is it theirs, and what does it say. */
export interface WebhookSource {
  verify(body: Buffer, signature: string): Promise<boolean>;
  /** What it says of a repository, and to steps that wait for it (null: nothing). Does not throw. */
  read(delivery: Delivery): { event: RepositoryEvent; signal: NewSignal | null };
  truth: RepositoryTruth;
  /** Has delivered again what never arrived; `lost`: cannot be any more; `refused`: we may not, and why. */
  redeliver(signal: AbortSignal): Promise<{ redelivered: number; lost: number } | { refused: string }>;
}
