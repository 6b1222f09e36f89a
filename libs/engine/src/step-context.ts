import type { LogLevel } from '@slipway/contracts';
import type { EngineDependencies } from './engine-dependencies.js';
import { depths } from './plan.js';
import { removeResource } from './remove-resource.js';
import type { RunLedger } from './run-ledger.js';
import type { Secrets } from './ports/secrets.js';
import type { SecretValues } from './secret-values.js';
import type { LedgerResource, ResourceLedger, StepContext, StepFiles, StepLog } from './step-definition.js';

export interface StepContextParts {
  deps: EngineDependencies;
  ledger: RunLedger;
  values: SecretValues;
  stepId: string;
  signal: AbortSignal;
  files: StepFiles;
}

/** What one attempt of one step is handed. */
export function stepContext({ deps, ledger, values, stepId, signal, files }: StepContextParts): StepContext {
  const step = ledger.step(stepId);
  const log = stepLog(ledger, stepId);
  const secrets = runSecrets(deps, values, signal);
  return {
    runId: ledger.run.id,
    stepId,
    attempt: step.attempt,
    entity: ledger.run.entity,
    mark: ledger.run.mark,
    signal,
    log,
    resources: resourceLedger({ deps, ledger, stepId, signal, log, secrets }),
    secrets,
    clock: deps.clock,
    files,
    state: step.wait?.state,
    signals: [],
    startedAt: step.startedAt ?? deps.clock.now(),
  };
}

export function stepLog(ledger: RunLedger, stepId: string | null): StepLog {
  const at = (level: LogLevel) => (message: string) => ledger.addLine(stepId, level, message);
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export function runSecrets(deps: EngineDependencies, values: SecretValues, signal: AbortSignal): Secrets {
  return {
    async resolve(reference) {
      const value = await deps.resolveSecret(reference, signal);
      values.add(value);
      return value;
    },
    protect: (value) => values.add(value),
  };
}

function resourceLedger(parts: {
  deps: EngineDependencies;
  ledger: RunLedger;
  stepId: string;
  signal: AbortSignal;
  log: StepLog;
  secrets: Secrets;
}): ResourceLedger {
  const { deps, ledger, stepId, signal } = parts;
  const find = (kind: string, externalId: string): LedgerResource | undefined =>
    ledger.resources.find((resource) => resource.kind === kind && resource.externalId === externalId);

  return {
    async plan({ kind, externalId, title, properties = {} }) {
      signal.throwIfAborted();
      const known = find(kind, externalId);
      if (known && (known.state === 'PLANNED' || known.state === 'CREATED')) return;
      const depth = depths(ledger.run.plan).get(stepId) ?? 0;
      const made = { kind, externalId, title, url: null, properties, runId: ledger.run.id, stepId, depth, note: null, removal: null };
      ledger.setResource({ ...made, state: 'PLANNED' });
      await ledger.commit();
    },
    async created({ kind, externalId, url, properties }) {
      const known = find(kind, externalId);
      if (!known) throw new Error(`Resource ${kind} "${externalId}" was created without having been planned.`);
      const facts = { url: url ?? known.url, properties: { ...known.properties, ...properties } };
      ledger.setResource({ ...known, ...facts, state: 'CREATED' });
      await ledger.commit();
    },
    standing: () => deps.store.standing(ledger.run.entity),
    remove: (resource, options = {}) =>
      removeResource({ deps, ledger, resource, context: { ...parts, mark: ledger.run.mark, clock: deps.clock, options } }),
  };
}
