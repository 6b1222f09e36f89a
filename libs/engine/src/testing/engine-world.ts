import { z } from 'zod';
import { advance } from '../advance.js';
import type { EngineDependencies } from '../engine-dependencies.js';
import { Integrations } from '../integrations.js';
import type { Plan, PlannedStep } from '../plan.js';
import type { Clock } from '../ports/clock.js';
import type { Scope } from '../ports/evaluator.js';
import { Registry } from '../registry.js';
import type { ResourceKind } from '../resource-kind.js';
import { Sealer } from '../sealer.js';
import { SecretValues } from '../secret-values.js';
import { type Removal, type StepContext, type StepDefinition, type StepResult, defineStep } from '../step-definition.js';
import { StepError } from '../step-error.js';
import { engineProvider } from '../steps/provider.js';
import { systemClock } from '../system-clock.js';
import { sealTypedSecrets } from '../typed-secrets.js';
import { aRun, aStep } from './exercise-run-store.js';
import { MemoryRunStore } from './memory-run-store.js';

export const never: AbortSignal = new AbortController().signal;

export type Behaviour = (ctx: StepContext, input: Record<string, unknown>) => Promise<StepResult<unknown>>;
export type World = ReturnType<typeof aWorld>;

/** One engine over a store in memory, with steps and things whose behaviour the test gives. */
export function aWorld() {
  const clock = new TestClock();
  const sealer = new Sealer(['a sealing key of the specs, and of nothing else']);
  const store = new MemoryRunStore(clock);
  const behaviours = new Map<string, Behaviour>();
  const things = new Map<string, string>();
  const removed: string[] = [];
  const stuck = new Set<string>();
  const removals = new Map<string, () => Promise<Removal>>();
  const enqueued: string[] = [];
  let requests = 0;
  const define = (id: string, workspace: StepDefinition['workspace'] = 'none'): StepDefinition =>
    defineStep<Record<string, unknown>, unknown>({
      id,
      description: id,
      input: z.record(z.string(), z.unknown()),
      output: z.unknown(),
      workspace,
      run: (ctx, input) => behaviours.get(id)!(ctx, input),
    });
  const thing: ResourceKind = {
    kind: 'fake:thing',
    observe: async (_ctx, { externalId }) => (things.has(externalId) ? { exists: true, owned: true } : { exists: false }),
    async remove(_ctx, { externalId }) {
      const special = removals.get(externalId);
      if (special) return special();
      if (stuck.has(externalId)) throw new StepError('fatal', 'fake_stuck', 'it is stuck');
      removed.push(externalId);
      return { outcome: things.delete(externalId) ? 'removed' : 'absent' };
    },
  };
  const right: ResourceKind = { ...thing, kind: 'fake:right', goesFirst: true };
  const fake = { name: 'fake', steps: [define('make'), define('break'), define('write', 'write')], kinds: [thing, right] };
  const outside = { name: 'outside', atOnce: 1, steps: [define('call')], kinds: [] };
  const deps: EngineDependencies = {
    store,
    queue: { enqueue: async (runId) => void enqueued.push(runId) },
    announcer: { announce: () => undefined },
    clock,
    evaluator: { evaluate, secretsIn },
    sealer,
    workspaces: { open: () => Promise.reject(new Error('no workspace here')) },
    integrations: new Integrations(clock),
    registry: new Registry([fake, outside, engineProvider()]),
    resolveSecret: async () => 'hunter2-value',
    processSecrets: new SecretValues(),
    owner: 'worker',
    leaseMs: 5_000,
    heartbeatMs: 20,
    maxParallel: 8,
    graceMs: 1_000,
    settleMs: 50,
  };
  return {
    store,
    deps,
    clock,
    things,
    removed,
    stuck,
    removals,
    enqueued,
    on: (id: string, behaviour: Behaviour) => behaviours.set(id, behaviour),
    behaviour: (id: string) => behaviours.get(id)!,
    /** A step that makes the thing its input names. */
    onMakeThing(id = 'make', kind = 'fake:thing'): void {
      behaviours.set(id, async (ctx, { name }) => {
        await ctx.resources.plan({ kind, externalId: String(name), title: `Thing ${String(name)}` });
        things.set(String(name), ctx.mark);
        await ctx.resources.created({ kind, externalId: String(name), url: 'https://example.com' });
        return { output: { made: name } };
      });
    },
    request(steps: PlannedStep[], more: Requested = {}): string {
      const id = `r_${(requests += 1)}`;
      const { inputs = {}, entity = 'shop', typed, ...plan } = more;
      if (typed) plan.secrets = Object.keys(typed).map((name) => ({ name, title: name, schema: {} }));
      const run = aRun({ id, inputs, entity: { blueprint: 'service', identifier: entity }, plan: { steps, onFailure: 'undo', deadlineMs: 60_000, ...plan } });
      store.add(run, steps.map((planned) => aStep(planned.id)));
      this.type(id, typed ?? {});
      return id;
    },
    /** What the form's secret fields gave, or gave again. */
    type(runId: string, typed: Record<string, string>): void {
      store.keepSecrets(runId, sealTypedSecrets(sealer, runId, typed));
    },
    /** One job of the queue. */
    work: (runId: string, shutdown: AbortSignal = never) => advance(deps, runId, shutdown),
    /** As the queue would: again and again until the run has ended. */
    async toEnd(runId: string): Promise<void> {
      await this.work(runId);
      await until(async () => {
        if (!['QUEUED', 'RUNNING', 'WAITING', 'UNDOING'].includes(store.look(runId).run.status)) return true;
        await this.work(runId);
        return false;
      });
    },
    statuses: (runId: string) => Object.fromEntries(store.look(runId).steps.map(({ id, status }) => [id, status])),
    lines: (runId: string) => store.look(runId).events.flatMap((event) => (event.type === 'log' ? [event.message] : [])),
  };
}

type Requested = Partial<Plan> & { inputs?: Record<string, unknown>; entity?: string; typed?: Record<string, string> };

/** Real time, which a test may move on. */
class TestClock implements Clock {
  aheadMs = 0;

  now(): Date {
    return new Date(Date.now() + this.aheadMs);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal);
  }
}

export function step(id: string, action: string, input: Record<string, unknown> = {}, needs: string[] = [], more: Partial<PlannedStep> = {}): PlannedStep {
  return { id, name: id, action, needs, input, timeoutMs: 5_000, retry: { attempts: 3, withinMs: 60_000 }, ...more };
}

/** Timers and other runs get their turn meanwhile; a condition that never comes ends the test instead of hanging it. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 4_000;
  while (!(await condition())) {
    if (Date.now() > giveUpAt) throw new Error('What the test waits for did not come.');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** `$each.value.name` and the like are looked up in the scope; `always()` and `failure()` are what they are. */
function evaluate(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => evaluate(item, scope));
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, evaluate(inner, scope)]));
  if (value === 'always()') return true;
  if (value === 'failure()') return scope.failed;
  if (typeof value !== 'string' || !value.startsWith('$')) return value;
  if (value.startsWith('$secrets.') && scope.secrets === 'withheld') return value;
  const environment = /^\$secrets\.(environment\..*)$/.exec(value)?.[1];
  if (environment !== undefined) return (scope.secrets as Record<string, string> | undefined)?.[environment];
  return value
    .slice(1)
    .split('.')
    .reduce<unknown>((found, key) => (found as Record<string, unknown> | undefined)?.[key], scope);
}

function secretsIn(value: unknown): Set<string> {
  return new Set((JSON.stringify(value) ?? '').match(/(?<="\$secrets\.)[\w.]+/g));
}
