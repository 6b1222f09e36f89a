import { type Cluster, ClusterError, type KubernetesObject } from '../cluster.js';
import type { Clock } from '../core/clock.js';
import type { Application, Operation, OperationState, ResourceResult } from './application.js';
import type { Applications } from './applications.js';
import { backoffMs } from './backoff.js';
import { type Inventory, liveOf, referenceTo, sameObject } from './inventory.js';
import { groupOf } from './identity.js';
import { objectProblem } from './project-restrictions.js';
import type { Projects } from './projects.js';
import { healthOf } from './resource-health.js';
import { failure, resourceName, resultOf } from './resource-results.js';
import { inWaves } from './sync-order.js';
import { comparisonMessage, type TargetState, type TargetStates } from './target-state.js';

export interface SyncParts {
  applications: Applications;
  projects: Projects;
  targets: TargetStates;
  cluster: Cluster;
  inventory: Inventory;
  clock: Clock;
}

interface Outcome {
  phase: 'Succeeded' | 'Failed' | 'Error';
  message: string;
}

const MANAGER = 'argocd-controller';
const LOOK_AGAIN_MS = 60;

/** Runs the operation that the application carries to its end, attempts included, and takes it off. */
export async function runOperation(name: string, parts: SyncParts): Promise<void> {
  const { applications } = parts;
  const begun = applications.update(name, (application) => {
    if (!application.operation) return;
    const startedAt = application.status.operationState?.startedAt ?? applications.timestamp();
    application.status.operationState = { operation: application.operation, phase: 'Running', startedAt };
  });
  const operation = begun?.operation;
  if (!operation) return;
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await trySync(name, operation, parts);
    if (!outcome) return;
    const retries = outcome.phase !== 'Succeeded' && !isTerminating(name, applications) && attempt < (operation.retry.limit ?? 0);
    if (!retries) return finish(name, outcome, attempt, applications);
    const waitMs = backoffMs(operation, attempt);
    noteRetry(name, outcome, attempt, waitMs, parts);
    await waitUnlessTerminated(name, waitMs, parts);
  }
}

/** Undefined where the application went away meanwhile. */
async function trySync(name: string, operation: Operation, parts: SyncParts): Promise<Outcome | undefined> {
  const application = parts.applications.get(name);
  if (!application) return undefined;
  let target: TargetState;
  try {
    target = await parts.targets.load(application, operation.sync.revision);
  } catch (error) {
    return { phase: 'Error', message: `ComparisonError: ${comparisonMessage(error)}` };
  }
  const results: ResourceResult[] = [];
  const publish = () => publishResults(name, target.revision, results, parts.applications);
  publish();
  const failed = await applyAll(application, operation, target, results, publish, parts);
  if (failed) return { phase: 'Failed', message: failed };
  await prune(application, operation, target, results, parts);
  publish();
  return { phase: 'Succeeded', message: 'successfully synced (all tasks run)' };
}

/** The reason why not everything could be applied, or undefined. */
async function applyAll(
  application: Application,
  operation: Operation,
  target: TargetState,
  results: ResourceResult[],
  publish: () => void,
  parts: SyncParts,
): Promise<string | undefined> {
  const name = application.metadata.name;
  const namespace = namespaceToCreate(application, operation);
  const selected = target.objects.filter((object) => isSelected(object, operation));
  if (forbidden(application, namespace ? [namespace, ...selected] : selected, results, parts)) {
    publish();
    return 'one or more synchronization tasks are not valid';
  }
  if (namespace && !(await applyOne(name, namespace, operation, 'PreSync', results, parts))) return failure(results);
  const waves = inWaves(selected);
  for (const [index, wave] of waves.entries()) {
    if (isTerminating(name, parts.applications)) return 'Operation terminated';
    for (const object of wave) await applyOne(name, object, operation, 'Sync', results, parts);
    publish();
    if (results.some((result) => result.status === 'SyncFailed')) return failure(results);
    // Nothing waits for the last wave: that the whole becomes healthy is for the comparison to see.
    if (index === waves.length - 1 || operation.sync.dryRun) continue;
    const unhealthy = await waveHealth(name, wave, parts);
    if (unhealthy) return unhealthy;
  }
  return undefined;
}

/** Whether the project forbids any of these; the results say which and why, and nothing is applied. */
function forbidden(
  { spec }: Application,
  objects: readonly KubernetesObject[],
  results: ResourceResult[],
  { projects }: SyncParts,
): boolean {
  const project = projects.get(spec.project);
  for (const object of objects) {
    const problem = project && objectProblem(project, object);
    if (problem) results.push(resultOf(object, 'SyncFailed', problem, 'Sync'));
  }
  return results.some((result) => result.status === 'SyncFailed');
}

function namespaceToCreate(application: Application, operation: Operation): KubernetesObject | undefined {
  const options = [...(application.spec.syncPolicy?.syncOptions ?? []), ...(operation.sync.syncOptions ?? [])];
  const name = application.spec.destination.namespace;
  if (!options.includes('CreateNamespace=true') || !name) return undefined;
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

function isSelected(object: KubernetesObject, operation: Operation): boolean {
  const selected = operation.sync.resources;
  if (!selected || selected.length === 0) return true;
  return selected.some(
    (choice) =>
      choice.kind === object.kind &&
      choice.name === object.metadata.name &&
      (choice.group ?? '') === groupOf(object.apiVersion) &&
      (choice.namespace ?? object.metadata.namespace) === object.metadata.namespace,
  );
}

async function applyOne(
  application: string,
  object: KubernetesObject,
  operation: Operation,
  syncPhase: ResourceResult['syncPhase'],
  results: ResourceResult[],
  parts: SyncParts,
): Promise<boolean> {
  const existed = liveOf(parts.cluster, object) !== undefined;
  const resource = resourceName(object);
  if (operation.sync.dryRun) {
    results.push(resultOf(object, 'Synced', `${resource} ${existed ? 'configured' : 'created'} (dry run)`, syncPhase));
    return true;
  }
  // A namespace that is made on the way belongs to nobody, so that no cascade ever takes it.
  if (syncPhase === 'PreSync' && existed) return true;
  try {
    // Noted first: what a crash leaves applied but unnoted would never be deleted.
    if (syncPhase === 'Sync') parts.inventory.add(application, object);
    await parts.cluster.apply(object, { fieldManager: MANAGER, force: true });
    results.push(resultOf(object, 'Synced', `${resource} ${existed ? 'configured' : 'created'}`, syncPhase));
    return true;
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    results.push(resultOf(object, 'SyncFailed', error.message, syncPhase));
    return false;
  }
}

/** Waits until the wave is healthy. The reason why it will not be, or undefined. */
async function waveHealth(
  name: string,
  wave: readonly KubernetesObject[],
  parts: SyncParts,
): Promise<string | undefined> {
  let told: string | undefined;
  for (;;) {
    if (isTerminating(name, parts.applications)) return 'Operation terminated';
    const healths = wave.map((object) => {
      const live = liveOf(parts.cluster, object);
      return live ? (healthOf(live)?.status ?? 'Healthy') : 'Missing';
    });
    if (healths.every((health) => health === 'Healthy')) return undefined;
    if (healths.includes('Degraded')) return 'one or more synchronization tasks completed unsuccessfully';
    const waiting = wave.find((_object, index) => healths[index] !== 'Healthy')!;
    const awaited = `${groupOf(waiting.apiVersion)}/${waiting.kind}/${waiting.metadata.name}`;
    if (awaited !== told) tellAwaited(name, awaited, parts.applications);
    told = awaited;
    await parts.clock.wait(LOOK_AGAIN_MS);
  }
}

function tellAwaited(name: string, awaited: string, applications: Applications): void {
  applications.update(name, ({ status }) => {
    if (status.operationState?.phase === 'Running') status.operationState.message = `waiting for healthy state of ${awaited}`;
  });
}

async function prune(
  application: Application,
  operation: Operation,
  target: TargetState,
  results: ResourceResult[],
  parts: SyncParts,
): Promise<void> {
  const wanted = target.objects.map(referenceTo);
  for (const object of parts.inventory.live(application.metadata.name)) {
    if (wanted.some((reference) => sameObject(reference, referenceTo(object)))) continue;
    if (!isSelected(object, operation)) continue;
    if (!operation.sync.prune || operation.sync.dryRun) {
      results.push(resultOf(object, 'PruneSkipped', 'ignored (requires pruning)', 'Sync'));
      continue;
    }
    await parts.cluster.delete(object.apiVersion, object.kind, object.metadata.namespace, object.metadata.name);
    results.push(resultOf(object, 'Pruned', 'pruned', 'Sync'));
  }
}

function publishResults(name: string, revision: string, resources: ResourceResult[], applications: Applications): void {
  applications.update(name, ({ spec, status }) => {
    if (!status.operationState) return;
    status.operationState.syncResult = { resources: [...resources], revision, source: spec.source! };
  });
}

function isTerminating(name: string, applications: Applications): boolean {
  const application = applications.get(name);
  if (!application || application.metadata.deletionTimestamp) return true;
  return application.status.operationState?.phase === 'Terminating';
}

function finish(name: string, outcome: Outcome, retries: number, applications: Applications): void {
  applications.update(name, (application) => {
    const state = application.status.operationState;
    if (!state) return;
    state.phase = outcome.phase;
    const vain = retries > 0 && outcome.phase !== 'Succeeded';
    state.message = vain ? `${outcome.message} (retried ${retries} times).` : outcome.message;
    state.finishedAt = applications.timestamp();
    delete application.operation;
    if (outcome.phase === 'Succeeded' && !state.operation.sync.dryRun) recordHistory(application, state);
  });
}

const HISTORY_LIMIT = 10;

function recordHistory(application: Application, state: OperationState): void {
  const history = application.status.history ?? [];
  const last = history.at(-1) as { id: number } | undefined;
  const entry = {
    id: last ? last.id + 1 : 0,
    revision: state.syncResult?.revision,
    deployStartedAt: state.startedAt,
    deployedAt: state.finishedAt,
    source: state.syncResult?.source,
    initiatedBy: state.operation.initiatedBy,
  };
  application.status.history = [...history, entry].slice(-(application.spec.revisionHistoryLimit ?? HISTORY_LIMIT));
}

function noteRetry(name: string, outcome: Outcome, attempt: number, waitMs: number, parts: SyncParts): void {
  const at = new Date(parts.clock.now() + waitMs).toISOString();
  parts.applications.update(name, ({ status }) => {
    if (!status.operationState) return;
    status.operationState.retryCount = attempt + 1;
    status.operationState.message = `${outcome.message}. Retrying attempt #${attempt + 1} at ${at}.`;
  });
}

async function waitUnlessTerminated(name: string, ms: number, { applications, clock }: SyncParts): Promise<void> {
  const due = clock.now() + ms;
  while (clock.now() < due && !isTerminating(name, applications)) {
    await clock.wait(Math.min(LOOK_AGAIN_MS, due - clock.now()));
  }
}
