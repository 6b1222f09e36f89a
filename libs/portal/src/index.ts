export type { AccessStore, ClientRecord, UserRecord } from './access/access-store.js';
export type { AccessTokenDeps } from './access/access-token.js';
export { authenticateClient } from './access/authenticate-client.js';
export { authenticateSession } from './access/authenticate-session.js';
export { createSignInLink, type SignInLink } from './access/create-sign-in-link.js';
export { endSession } from './access/end-session.js';
export { type AccessToken, issueAccessToken } from './access/issue-access-token.js';
export { type NewSession, redeemSignInLink } from './access/redeem-sign-in-link.js';
export { verifyAccessToken } from './access/verify-access-token.js';
export type { Visibility } from './access/visibility.js';
export type { ActionRecord, ActionStore, RequestableAction, StoredTemplate } from './actions/action-store.js';
export { getAction } from './actions/get-action.js';
export { listActions, type ListActionsQuery } from './actions/list-actions.js';
export type { Actor, Catalogue, CataloguedEntity, PutOutcome, RemoveOutcome } from './catalogue/catalogue.js';
export { catalogueProvider } from './catalogue/catalogue-provider.js';
export { memoryCatalogue } from './catalogue/memory-catalogue.js';
export { type EndedRun, type EntityAfterRun, entityAfterRun } from './catalogue/entity-after-run.js';
export { propertyOfKind, resourceProperties } from './catalogue/entity-properties.js';
export type { EntityFilter, EntityListQuery, EntityReader } from './catalogue/entity-reader.js';
export { getEntity } from './catalogue/get-entity.js';
export { listEntities, type ListEntitiesQuery } from './catalogue/list-entities.js';
export { listEntityResources } from './catalogue/list-entity-resources.js';
export type { BlueprintRecord, ConfigurationStore, InstalledConfiguration } from './installation/configuration-store.js';
export {
  type ConfiguredClient,
  installConfiguration,
  type InstallConfigurationCommand,
} from './installation/install-configuration.js';
export type { NewSignal } from './engine/new-signal.js';
export { type IntegrationHealth, type IntegrationProbe, lookAtIntegrations } from './engine/look-at-integrations.js';
export { pauseRuns, type PauseRunsCommand, resumeRuns } from './engine/pause-runs.js';
export type { Pause, PauseStore } from './engine/pause-store.js';
export type { Page, PageQuery } from './page.js';
export type { Announcements } from './runs/announcements.js';
export { cancelRun } from './runs/cancel-run.js';
export type { DemandCommand, DemandDeps } from './runs/demand-of-run.js';
export { followRunEvents, type FollowRunEventsDeps, type FollowRunEventsQuery } from './runs/follow-run-events.js';
export { getRun } from './runs/get-run.js';
export { listLogLines, type ListLogLinesQuery } from './runs/list-log-lines.js';
export { listRunResources } from './runs/list-run-resources.js';
export { listRuns, type ListRunsQuery } from './runs/list-runs.js';
export { planRun, type PlanRunCommand, type PlanRunDeps } from './runs/plan-run.js';
export { requestPlannedRun } from './runs/request-planned-run.js';
export { requestRun, type RequestRunCommand, type RequestRunDeps } from './runs/request-run.js';
export { retryRun } from './runs/retry-run.js';
export type { DemandOutcome, RunDemand, RunInbox } from './runs/run-inbox.js';
export type { EventPage, OwnedRun, PlaceInRun, RunFilter, RunListQuery, RunReader, RunResults } from './runs/run-reader.js';
export type { Holder, IdempotencyKey, NewRun, RequestedEntity, RunRequestStore, Submission } from './runs/run-request-store.js';
export { refreshSource, type RefreshSourceDeps, type SourceReader } from './templates/refresh-source.js';
export type { LatestVersion, NewVersion, OfferOutcome, TemplateSource, TemplateSourceStore } from './templates/template-source-store.js';
export { listSources, noticePushes, offerVersion, refreshSourceNow } from './templates/template-sources.js';
export { runOutput } from './runs/run-output.js';
export { undoRun } from './runs/undo-run.js';
export {
  applyRepositoryEvents,
  type ApplyRepositoryEventsDeps,
  type DeliveredEvent,
  type RepositoryEvent,
} from './webhooks/apply-repository-events.js';
export { factsAsProperties } from './repositories/facts-as-properties.js';
export { learnOfRepositories, type RepositoryNews } from './repositories/learn-of-repository.js';
export type { DueRepository, Observed, ObservedRepositories, RepositoryKey } from './repositories/observed-repositories.js';
export { readDueRepository, type RepositoryTruth } from './repositories/read-due-repository.js';
export type { Delivery, DeliveryId, DeliveryStore, EndedDelivery } from './webhooks/delivery-store.js';
export { listPendingDeliveries } from './webhooks/list-pending-deliveries.js';
export { receiveWebhook } from './webhooks/receive-webhook.js';
