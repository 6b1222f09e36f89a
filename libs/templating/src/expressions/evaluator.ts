import { StepError } from '@slipway/engine';
import type { Evaluator, Scope } from '@slipway/engine';
import type { TemplateContext, TemplateValue } from 'nunjitsu';
import { type Environment, expressionContext } from './expression-context.js';
import { pathsIn, secretsIn, speaksOfSecrets } from './references.js';
import { createStrictRenderer, RenderFailure } from './strict-renderer.js';
import { hasTemplating } from './tags.js';

/** One expression may cost about a tenth of a second, and all of a step's input together so much. */
const limits = { workUnits: 100_000, outputCodeUnits: 1_000_000 };
const longestMs = 2_000;

/**
 * The engine's `Evaluator` on the closed interpreter: no access to the process, bounded in work and memory. Keys are
 * taken literally. A lone expression whose value is absent leaves its key out, as Backstage does; below `values` the key
 * stays with null, so that a skeleton can tell what was left empty from what is misspelt. Throws `StepError`
 * `expression_failed`, naming the expression, its place and why.
 */
export function createEvaluator(environment?: Environment): Evaluator {
  let context: TemplateContext = {};
  let failed = false;
  const renderer = createStrictRenderer({
    limits,
    functions: { always: () => true, failure: () => failed },
    mayBeAbsent: (expression, lone) => pathsIn(expression).some((path) => isAbsentByRight(path, context, lone)),
  });
  return {
    secretsIn,
    evaluate: (value: unknown, scope: Scope) => {
      failed = scope.failed;
      const latest = performance.now() + longestMs;
      let prepared: ReturnType<typeof renderer.prepare> | undefined;
      return mapStrings(value, [], (text, path) => {
        if (!hasTemplating(text)) return text;
        if (scope.secrets === 'withheld' && speaksOfSecrets(text)) return text;
        // Many inputs hold nothing to evaluate, and need no context.
        prepared ??= renderer.prepare((context = expressionContext(environment ? { environment, ...scope } : scope)));
        try {
          if (performance.now() > latest) throw new RenderFailure('limit', `the whole took more than ${longestMs} ms`, undefined);
          return thaw(renderer.renderValue(text, prepared));
        } catch (error) {
          throw asStepError(error, text, path);
        }
      });
    },
  };
}

/**
 * What the form left empty, a secret nobody typed, what is not known of the person or the environment; and what a step
 * that was skipped would have said, unless it stands amid other text.
 */
function isAbsentByRight([root, first]: readonly string[], context: TemplateContext, lone: boolean): boolean {
  if (root === 'environment' || (root === 'user' && first === 'entity')) return true;
  if (first === undefined || (root !== 'parameters' && root !== 'secrets' && !(root === 'steps' && lone))) return false;
  return !Object.hasOwn((context[root] ?? {}) as object, first);
}

const deepest = 64;

function mapStrings(value: unknown, path: readonly string[], map: (text: string, path: readonly string[]) => unknown): unknown {
  if (path.length > deepest)
    throw new StepError('fatal', 'expression_failed', `The input is nested deeper than ${deepest} levels.`);
  if (typeof value === 'string') return map(value, path);
  if (Array.isArray(value))
    return value.map((item, index) => mapStrings(item, [...path, String(index)], map)).filter((item) => item !== undefined);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => {
    const mapped = mapStrings(item, [...path, key], map);
    return [key, mapped === undefined && path[0] === 'values' ? null : mapped];
  });
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

/** The interpreter's values are frozen and without prototype; a step gets ordinary ones. */
function thaw(value: TemplateValue | undefined): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Map || value instanceof Set) {
    throw new RenderFailure('expression', 'the value is a collection that JSON cannot hold', undefined);
  }
  if (Array.isArray(value)) return value.map((item: TemplateValue) => thaw(item));
  return Object.fromEntries(Object.entries(value as Record<string, TemplateValue>).map(([key, item]) => [key, thaw(item)]));
}

function asStepError(error: unknown, text: string, path: readonly string[]): unknown {
  if (!(error instanceof RenderFailure)) return error;
  const where = path.length > 0 ? ` at ${path.join('.')}` : '';
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return new StepError('fatal', 'expression_failed', `The expression ${shown}${where} failed: ${error.message}.`, {
    remedy: 'Correct the template, or give what may be missing a fallback: ${{ x | default("…") }}.',
    cause: error,
  });
}
