import { type ResourceLedger, type Secrets, type StepContext, type StepDefinition, StepError, systemClock } from '@slipway/engine';
import type { DryRunRequest } from './dry-run.js';

interface LocalRun {
  request: DryRunRequest;
  definition: StepDefinition;
  stepId: string;
  workspace: string;
  signal: AbortSignal;
}

/** Runs a step that knows only the template and the workspace; answers its output. */
export async function runLocally(run: LocalRun, input: unknown): Promise<unknown> {
  const { definition } = run;
  const result = await definition.run(contextOf(run), definition.input.parse(input));
  if ('wait' in result) throw new StepError('fatal', 'step_waits', `${definition.id} waits, which a plan cannot.`);
  return definition.output.parse(result.output);
}

function contextOf({ request, stepId, workspace, signal }: LocalRun): StepContext {
  return {
    runId: 'plan',
    stepId,
    attempt: 1,
    entity: request.entity,
    mark: request.mark ?? 'plan',
    signal,
    log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    resources: noLedger,
    secrets: noSecrets,
    holdsSecret: () => false,
    clock: systemClock,
    files: { workspace, template: request.folder },
    state: undefined,
    signals: [],
    startedAt: systemClock.now(),
    runStartedAt: systemClock.now(),
  };
}

function nothing(): void {
  // What a step says belongs to a run's history, and there is no run.
}

function refuse(): Promise<never> {
  return Promise.reject(new StepError('fatal', 'plan_touches_nothing', 'A plan neither makes anything nor resolves a secret.'));
}

const noLedger: ResourceLedger = { plan: refuse, created: refuse, standing: () => Promise.resolve([]), remove: refuse };
const noSecrets: Secrets = { resolve: refuse, protect: nothing };
