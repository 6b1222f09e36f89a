import type { LogLevel } from '@slipway/contracts';
import { goesFirstDepth } from './removal-order.js';
import { removeResource } from './remove-resource.js';
import type { ResourceContext } from './resource-kind.js';
import type { RunLedger } from './run-ledger.js';
import type { RunSession } from './run-session.js';
import type { Secrets } from './ports/secrets.js';
import type { Signal } from './ports/run-store.js';
import type { LedgerResource, ResourceLedger, StepContext, StepFiles, StepLog } from './step-definition.js';
import { StepError } from './step-error.js';

/** What one attempt of one step is handed. */
export function stepContext(parts: {
  session: RunSession;
  stepId: string;
  signal: AbortSignal;
  files: StepFiles;
  signals: readonly Signal[];
}): StepContext {
  const { session, stepId, signal, files, signals } = parts;
  const { ledger, deps } = session;
  const { attempt, wait, startedAt } = ledger.step(stepId);
  const common = resourceContext(session, stepId, signal);
  return {
    runId: ledger.run.id,
    stepId,
    attempt,
    entity: ledger.run.entity,
    mark: ledger.run.mark,
    signal,
    log: common.log,
    resources: resourceLedger(session, stepId, common),
    secrets: common.secrets,
    holdsSecret: (text) => session.holdsSecret(text),
    clock: deps.clock,
    files,
    state: wait?.state,
    signals: signals.map(({ key, body, at }) => ({ key, body, at })),
    startedAt: startedAt ?? deps.clock.now(),
    runStartedAt: firstStart(ledger) ?? deps.clock.now(),
  };
}

/** Not the run's own start, which a retry sets anew. */
function firstStart({ steps }: RunLedger): Date | null {
  const starts = [...steps.values()].flatMap(({ startedAt }) => startedAt ?? []);
  return starts.length === 0 ? null : new Date(Math.min(...starts.map((start) => start.getTime())));
}

/** What a kind is handed to look at or remove something that this step made, or is removing. */
export function resourceContext(session: RunSession, stepId: string, signal: AbortSignal): ResourceContext {
  const { ledger, deps } = session;
  return { mark: ledger.run.mark, signal, log: stepLog(ledger, stepId), secrets: runSecrets(session, signal), clock: deps.clock, options: {} };
}

export function stepLog(ledger: RunLedger, stepId: string | null): StepLog {
  const at = (level: LogLevel) => (message: string) => ledger.addLine(stepId, level, message);
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function runSecrets({ deps, values }: RunSession, signal: AbortSignal): Secrets {
  return {
    async resolve(reference) {
      const value = await deps.resolveSecret(reference, signal);
      values.add(value);
      return value;
    },
    protect: (value) => values.add(value),
  };
}

function resourceLedger(session: RunSession, stepId: string, context: ResourceContext): ResourceLedger {
  const { deps, ledger } = session;
  const find = (kind: string, externalId: string): LedgerResource | undefined =>
    ledger.resources.find((resource) => resource.kind === kind && resource.externalId === externalId);

  return {
    async plan({ kind, externalId, title, properties = {} }) {
      context.signal.throwIfAborted();
      const known = find(kind, externalId);
      if (known && (known.state === 'PLANNED' || known.state === 'CREATED')) return;
      refuseSecret(session, { externalId, title, properties });
      const depth = deps.registry.kind(kind)?.goesFirst ? goesFirstDepth : ledger.depthOf(stepId);
      const made = { kind, externalId, title, url: null, properties, runId: ledger.run.id, stepId, depth, note: null, removal: null };
      ledger.setResource({ ...made, state: 'PLANNED' });
      await ledger.commit();
    },
    async created({ kind, externalId, url, properties }) {
      const known = find(kind, externalId);
      if (!known) throw new Error(`Resource ${kind} "${externalId}" was created without having been planned.`);
      refuseSecret(session, { url, properties });
      const facts = { url: url ?? known.url, properties: { ...known.properties, ...properties } };
      ledger.setResource({ ...known, ...facts, state: 'CREATED' });
      await ledger.commit();
    },
    standing: () => deps.store.standing(ledger.run.entity),
    remove: (resource, options = {}) => removeResource(session, resource, { ...context, options }),
  };
}

/** A row of the ledger rests in clear, and the entity shows it. */
function refuseSecret(session: RunSession, row: Record<string, unknown>): void {
  if (!session.holdsSecret(row)) return;
  throw new StepError('fatal', 'secret_in_resource', 'What the step made would be recorded with a secret value in its name, its address or its properties, so it was refused.', {
    remedy: 'Name it otherwise, and hand the value over where only the other system sees it.',
  });
}
