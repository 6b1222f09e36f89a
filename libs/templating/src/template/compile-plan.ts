import { posix } from 'node:path';
import { parseDuration, type Plan, type PlannedStep } from '@slipway/engine';
import { referencesIn } from '../expressions/references.js';
import { isRemote } from '../files/source.js';
import type { LoadedTemplate } from './load-template.js';
import { needsOf } from './step-needs.js';
import type { TemplateStep } from './template-document.js';

const defaults = { deadline: '30m', timeout: '5m', attempts: 5, within: '10m' };

type Compiled = Pick<LoadedTemplate, 'document' | 'templatePath'>;

/**
 * What the engine runs: needs spelt out, durations in milliseconds, defaults filled in. An undo is the default only for
 * CREATE: a DAY-2 or DELETE that fails leaves things where they are.
 */
export function compilePlan(template: Compiled): Plan {
  const { spec } = template.document;
  const needs = needsOf(spec.steps);
  return {
    steps: spec.steps.map((step) => plannedStep(step, needs.get(step.id) ?? [], template)),
    onFailure: spec.onFailure ?? (spec.operation === 'CREATE' ? 'undo' : 'keep'),
    deadlineMs: ms(spec.deadline ?? defaults.deadline),
    ...(Object.keys(spec.output).length > 0 ? { output: spec.output } : {}),
  };
}

function plannedStep(step: TemplateStep, needs: string[], template: Compiled): PlannedStep {
  return {
    id: step.id,
    name: step.name ?? step.id,
    action: step.action,
    needs,
    ...conditionOf(step.if),
    ...(step.each === undefined ? {} : { each: step.each }),
    input: inputOf(step, template),
    timeoutMs: ms(step.timeout ?? defaults.timeout),
    retry: { attempts: step.retry?.attempts ?? defaults.attempts, withinMs: ms(step.retry?.within ?? defaults.within) },
    ...(step.onFailure === undefined ? {} : { onFailure: step.onFailure }),
  };
}

/** `failure()` alone, or with more to it that must hold too, asks for a failure; every other use is asked either way. */
function conditionOf(condition: TemplateStep['if']): Pick<PlannedStep, 'if' | 'when'> {
  if (condition === undefined) return {};
  const asked = typeof condition === 'string' ? condition.trim() : condition;
  if (typeof asked === 'boolean' || asked === 'true' || asked === 'false') return { if: asked === true || asked === 'true' };
  const { roots } = referencesIn(asked);
  if (/^\$\{\{-?\s*failure\s*\(\s*\)\s*(and\s(?!.*\sor\s).*)?-?\}\}$/s.test(asked) && !roots.has('always'))
    return { if: asked, when: 'failure' };
  return { if: asked, ...(roots.has('always') || roots.has('failure') ? { when: 'always' } : {}) };
}

/** Of a template as Backstage knows them, a skeleton's expression without a value renders to nothing unless the step says otherwise. */
function inputOf({ action, input }: TemplateStep, { document, templatePath }: Compiled): Record<string, unknown> {
  if (!action.startsWith('fetch:')) return input;
  const lenient = document.dialect === 'backstage' && action.startsWith('fetch:template');
  return { ...(lenient ? { missing: 'empty' } : {}), ...fromArchiveRoot(input, templatePath) };
}

/**
 * An author writes `url: ../skeleton` as seen from `template.yaml`. A step sees the archive, which several templates
 * share, so the url is told from the archive's root from here on: `./<action>/../skeleton`.
 */
function fromArchiveRoot(input: Record<string, unknown>, templatePath: string): Record<string, unknown> {
  const { url } = input;
  const folder = posix.dirname(templatePath);
  if (typeof url !== 'string' || folder === '.' || isRemote(url) || url.startsWith('/')) return input;
  // What begins with an expression may lead to another host.
  if (/^(\$\{\{|\{%)/.test(url)) return { ...input, base: folder };
  return { ...input, url: `./${folder}/${url}` };
}

function ms(duration: string): number {
  const parsed = parseDuration(duration);
  if (parsed === null) throw new Error(`"${duration}" is no duration.`);
  return parsed;
}
