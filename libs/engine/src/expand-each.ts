import type { PlannedStep } from './plan.js';
import type { StepRecord } from './ports/run-store.js';
import type { RunSession } from './run-session.js';
import { isSameJson } from './same-json.js';
import { scopeOf } from './scope.js';
import { isOpen } from './startable.js';
import { StepError } from './step-error.js';

const mostItems = 100;

type Item = NonNullable<StepRecord['each']>;

/** Splits a step into its items. Of an earlier try, what succeeded for the same item stays. */
export function expandEach(session: RunSession, step: PlannedStep): void {
  const { ledger, deps } = session;
  const { attempt } = ledger.step(step.id);
  const items = itemsToRecord(session, step);
  const now = deps.clock.now();
  if (ledger.run.status !== 'RUNNING') ledger.setRun({ status: 'RUNNING' });
  ledger.setStep(step.id, { status: 'RUNNING', attempt: attempt + 1, startedAt: now });
  const known = new Map(ledger.itemsOf(step.id).map((item) => [item.item, item]));
  const fresh: StepRecord[] = [];
  for (const [index, each] of items.entries()) {
    const before = known.get(index);
    if (!before) fresh.push(newItem(step, index, each));
    else if (before.status !== 'SUCCEEDED' || !isSameJson(before.each, each)) ledger.setStep(before.id, { ...newItem(step, index, each) });
  }
  for (const item of known.values()) {
    if ((item.item ?? 0) >= items.length && isOpen(item)) ledger.setStep(item.id, { status: 'SKIPPED', endedAt: now });
  }
  ledger.addItems(step.id, fresh);
}

/** What became of all items together: their outputs, name by name, or the first failure. */
export function gatherItems({ ledger, deps, notify }: RunSession, step: PlannedStep): void {
  const now = deps.clock.now();
  const items = ledger.itemsOf(step.id);
  for (const item of items) {
    if (isOpen(item)) ledger.setStep(item.id, { status: 'CANCELLED', wait: null, endedAt: now });
  }
  const failed = items.filter((item) => item.status === 'FAILED').sort((one, other) => timeOf(one) - timeOf(other))[0];
  if (failed) ledger.setStep(step.id, { status: 'FAILED', failure: failed.failure, endedAt: now });
  else ledger.setStep(step.id, { status: 'SUCCEEDED', output: collected(items), endedAt: now });
  notify();
}

/** What the items of a step come from; undefined of a step that is no item. */
export function eachOf(session: RunSession, record: Pick<StepRecord, 'parent'>): unknown {
  return parentOf(session, record)?.each;
}

/** The item as recorded; one that came of typed secrets is worked out anew, for this call alone. */
export function itemWithSecrets(session: RunSession, record: StepRecord, secrets: Record<string, string>): StepRecord['each'] {
  const parent = parentOf(session, record);
  if (!parent || !session.typed.usedIn(parent.each)) return record.each;
  const each = session.deps.evaluator.evaluate(parent.each, { ...scopeOf(session, { each: null }), secrets });
  return itemsOf(parent, each)[record.item ?? 0] ?? null;
}

function parentOf({ ledger }: RunSession, { parent }: Pick<StepRecord, 'parent'>): PlannedStep | undefined {
  return parent === null ? undefined : ledger.run.plan.steps.find(({ id }) => id === parent);
}

/** As many as there are; what of them would show a typed secret stays as it was written, or is left out. */
function itemsToRecord(session: RunSession, step: PlannedStep): Item[] {
  const { evaluator } = session.deps;
  const scope = scopeOf(session, { each: null });
  const shown = evaluator.evaluate(step.each, scope);
  const secrets = session.typed.usedIn(step.each);
  if (!secrets) return itemsOf(step, shown);
  const items = itemsOf(step, session.typed.protectDerived(secrets, (typed) => evaluator.evaluate(step.each, { ...scope, secrets: typed })));
  const seen = typeof shown === 'object' && shown !== null ? itemsOf(step, shown) : [];
  return items.map((_, key) => (seen.length === items.length ? seen[key] : undefined) ?? { key, value: null });
}

function itemsOf(step: PlannedStep, value: unknown): Item[] {
  if (typeof value !== 'object' || value === null) {
    const found = value === null ? 'null' : typeof value;
    throw new StepError('fatal', 'each_not_iterable', `"each" takes a list or an object, and this is ${found}.`, {
      remedy: `Mend "each" of the step "${step.id}" in the template, or the value it comes from.`,
    });
  }
  const items = Array.isArray(value) ? value.map((item: unknown, key) => ({ key, value: item })) : Object.entries(value).map(([key, item]) => ({ key, value: item as unknown }));
  if (items.length > mostItems) {
    throw new StepError('fatal', 'each_too_many', `"each" has ${items.length} items; a step runs for at most ${mostItems}.`, {
      remedy: 'Give it fewer items, or do the work of many in one step.',
    });
  }
  return items;
}

function newItem(step: PlannedStep, item: number, each: StepRecord['each']): StepRecord {
  const never = { input: null, output: null, failure: null, wait: null, startedAt: null, endedAt: null };
  return { id: `${step.id}[${item}]`, status: 'PENDING', attempt: 0, failures: 0, losses: 0, parent: step.id, item, each, ...never };
}

/** As Backstage does: under each name the values of those items that have one. */
function collected(items: StepRecord[]): Record<string, unknown[]> {
  const all: Record<string, unknown[]> = Object.create(null) as Record<string, unknown[]>;
  for (const { status, output } of items) {
    if (status !== 'SUCCEEDED' || typeof output !== 'object' || output === null) continue;
    for (const [name, value] of Object.entries(output)) (all[name] ??= []).push(value);
  }
  return { ...all };
}

function timeOf({ endedAt }: StepRecord): number {
  return endedAt?.getTime() ?? 0;
}
