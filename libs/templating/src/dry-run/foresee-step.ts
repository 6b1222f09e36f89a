import type { Failure, PlanStepView, PlannedEffect } from '@slipway/contracts';
import { type PlannedStep, type StepDefinition, StepError, isTrue } from '@slipway/engine';
import type { DryRunDeps, DryRunRequest } from './dry-run.js';
import { runLocally } from './run-locally.js';
import { type Item, type PartlyKnown, type Unknowns, isUnfinished } from './unknowns.js';

interface Ground {
  deps: DryRunDeps;
  request: DryRunRequest;
  unknowns: Unknowns;
  workspace: string;
  signal: AbortSignal;
}

/** One step of the plan; what it says of itself is kept for the steps after it. */
export async function foreseeStep(ground: Ground, step: PlannedStep): Promise<PlanStepView> {
  const { id, name, action, needs } = step;
  const view: PlanStepView = { id, name, action, needs, decision: 'run', input: step.input, effects: [], failure: null };
  try {
    view.decision = decisionOf(ground, step);
    if (view.decision === 'skip') {
      ground.unknowns.skip(id);
      return { ...view, input: {} };
    }
    await fillIn(ground, step, view);
  } catch (error) {
    ground.signal.throwIfAborted();
    view.failure = failureOf(error);
  }
  return view;
}

function decisionOf({ unknowns }: Ground, step: PlannedStep): PlanStepView['decision'] {
  if (step.when === 'failure') return 'on-failure';
  if (step.if === undefined || step.if === true) return 'run';
  if (step.if === false) return 'skip';
  const { value, open } = unknowns.evaluate(step.if);
  if (open.length > 0) return 'later';
  return isTrue(value) ? 'run' : 'skip';
}

async function fillIn(ground: Ground, step: PlannedStep, view: PlanStepView): Promise<void> {
  const definition = ground.deps.registry.step(step.action);
  if (!definition) throw new StepError('fatal', 'step_action_unknown', `No step definition "${step.action}" is known here.`);
  const items = step.each === undefined ? null : itemsOf(ground, step.each);
  // An `if` beside an `each` is asked of every item by the run itself; here all of them are shown.
  const inputs = (items ?? [undefined]).map((item) => ground.unknowns.evaluate(step.input, item));
  if (step.each !== undefined) view.items = items === null || items[0] === 'unknown' ? null : inputs.map(({ value }) => record(value));
  const [first] = inputs;
  view.input = step.each === undefined && first ? record(first.value) : view.input;
  for (const input of inputs) refuseInvalid(definition, input);
  view.effects = inputs.flatMap((input) => effectsOf(ground, definition, record(input.value)));
  if (view.decision !== 'run' || view.items === null || !isLocal(ground, definition)) return;
  const outputs: unknown[] = [];
  for (const input of inputs) outputs.push(await runLocally({ ...ground, definition, stepId: step.id }, input.value));
  ground.unknowns.know(step.id, step.each === undefined ? outputs[0] : gathered(outputs));
}

function itemsOf({ unknowns }: Ground, each: unknown): Item[] {
  const { value, open } = unknowns.evaluate(each);
  if (open.length > 0) return ['unknown'];
  if (Array.isArray(value)) return value.map((one: unknown, key) => ({ key, value: one }));
  if (typeof value === 'object' && value !== null) return Object.entries(value).map(([key, one]) => ({ key, value: one as unknown }));
  throw new StepError('fatal', 'each_not_iterable', '"each" must be a list or an object.');
}

/** A rule that a value breaks only because it is not known yet says nothing. */
function refuseInvalid(definition: StepDefinition, { value, open }: PartlyKnown): void {
  const parsed = definition.input.safeParse(value);
  if (parsed.success) return;
  const isOpen = (path: readonly PropertyKey[]): boolean =>
    open.some((known) => known.every((part, at) => at >= path.length || part === String(path[at])));
  const faults = parsed.error.issues.filter((issue) => !isOpen(issue.path));
  if (faults.length === 0) return;
  const said = faults.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`).join('; ');
  throw new StepError('fatal', 'step_input_invalid', `The input of ${definition.id} is not valid: ${said}.`, {
    remedy: 'Mend the step in the template, or the value it comes from.',
  });
}

function effectsOf({ request }: Ground, definition: StepDefinition, input: Record<string, unknown>): PlannedEffect[] {
  if (!definition.foresee) return [];
  const parsed = definition.input.safeParse(input);
  const { entity, standing } = request;
  return definition.foresee(parsed.success ? parsed.data : input, { entity, standing }).map(({ effect, kind, externalId, title }) => ({
    effect,
    kind,
    externalId: isUnfinished(externalId) ? null : externalId,
    title,
    looked: false,
  }));
}

/** Steps of the template library itself: they read the template and write the workspace, and nothing else. */
function isLocal({ deps }: Ground, definition: StepDefinition): boolean {
  return deps.registry.providerOf(definition.id)?.name === 'templating';
}

/** As the run does it: every output becomes a list, one entry per item. */
function gathered(outputs: unknown[]): Record<string, unknown[]> {
  const lists: Record<string, unknown[]> = {};
  for (const output of outputs) for (const [name, value] of Object.entries(record(output))) (lists[name] ??= []).push(value);
  return lists;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof StepError)) {
    return { code: 'step_crashed', message: error instanceof Error ? error.message : String(error) };
  }
  const { code, message, remedy } = error;
  return { code, message, ...(remedy === undefined ? {} : { remedy }) };
}
