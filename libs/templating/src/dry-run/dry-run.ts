import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EntityRef, PlanView } from '@slipway/contracts';
import type { Evaluator, Foresight, Plan, Registry, Secrets } from '@slipway/engine';
import type { LoadedTemplate } from '../template/load-template.js';
import { foreseeStep } from './foresee-step.js';
import { listFiles } from './list-files.js';
import { lookAtEffects } from './look-at-effects.js';
import { planHash } from './plan-hash.js';
import { Unknowns } from './unknowns.js';

export interface DryRunDeps {
  registry: Registry;
  evaluator: Evaluator;
  /** For looking at what is there already, which no step is needed for; absent: nobody is asked. */
  secrets?: Secrets;
}

export interface DryRunRequest {
  template: Pick<LoadedTemplate, 'identifier' | 'operation' | 'digest'>;
  plan: Plan;
  /** The template's folder. */
  folder: string;
  /** Checked, with their defaults. */
  inputs: Record<string, unknown>;
  entity: EntityRef;
  /** The mark of the entity's own things; null of one that is yet to be created. */
  mark: string | null;
  standing: Foresight['standing'];
  requestedBy: string;
  /** Whether files come with their content. */
  content?: boolean;
  /** Handed the rendered workspace before it goes. */
  keep?: (workspace: string) => Promise<void>;
}

/**
 * What a run would do, without doing it: steps that work on the workspace alone are run, in a folder that goes away again;
 * no other step is called. What cannot be known yet stands in the answer as its expression; what would fail says so, and
 * the rest is worked out all the same.
 */
export async function dryRun(deps: DryRunDeps, request: DryRunRequest, signal: AbortSignal): Promise<PlanView> {
  const scratch = await mkdtemp(join(tmpdir(), 'slipway-plan-'));
  try {
    const workspace = join(scratch, 'workspace');
    await mkdir(workspace);
    const unknowns = new Unknowns(deps.evaluator, request);
    const steps: PlanView['steps'] = [];
    for (const step of inOrder(request.plan)) {
      steps.push(await foreseeStep({ deps, request, unknowns, workspace, signal }, step));
    }
    await lookAtEffects(deps, request, steps, signal);
    const plan: Omit<PlanView, 'hash'> = {
      action: request.template.identifier,
      operation: request.template.operation,
      entity: request.entity,
      templateDigest: request.template.digest,
      inputs: request.inputs,
      steps: asWritten(request.plan, steps),
      graph: graphOf(request.plan),
      files: await listFiles(workspace, request.content ?? false),
    };
    await request.keep?.(workspace);
    return { hash: planHash(plan), ...plan };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Every step after those it waits for, else as the author wrote them. */
function inOrder(plan: Plan): Plan['steps'] {
  const left = [...plan.steps];
  const done = new Set<string>();
  const ordered: Plan['steps'] = [];
  while (left.length > 0) {
    const next = Math.max(0, left.findIndex((step) => step.needs.every((id) => done.has(id))));
    const [step] = left.splice(next, 1);
    if (!step) break;
    done.add(step.id);
    ordered.push(step);
  }
  return ordered;
}

function asWritten(plan: Plan, steps: PlanView['steps']): PlanView['steps'] {
  const places = new Map(plan.steps.map((step, place) => [step.id, place]));
  return steps.sort((one, other) => (places.get(one.id) ?? 0) - (places.get(other.id) ?? 0));
}

/** An arrow that follows from two others is left out: what remains is what a person would draw. */
export function graphOf(plan: Pick<Plan, 'steps'>): PlanView['graph'] {
  const needs = new Map(plan.steps.map((step) => [step.id, step.needs]));
  const above = new Map<string, Set<string>>();
  const allAbove = (id: string): Set<string> => {
    const known = above.get(id);
    if (known) return known;
    const found = new Set<string>();
    above.set(id, found);
    for (const need of needs.get(id) ?? []) for (const one of [need, ...allAbove(need)]) found.add(one);
    return found;
  };
  return plan.steps.flatMap((step) =>
    step.needs
      .filter((need) => !step.needs.some((other) => other !== need && allAbove(other).has(need)))
      .map((need) => ({ from: need, to: step.id })),
  );
}
