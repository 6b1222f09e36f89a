import { StepError } from '@slipway/engine';
import type { Evaluator, Scope } from '@slipway/engine';
import type { TemplateContext, TemplateValue } from 'nunjitsu';
import { createStrictRenderer, RenderFailure } from './strict-renderer.js';
import { hasTemplating } from './tags.js';

/**
 * The engine's `Evaluator` on the closed interpreter: no access to the process, bounded in work and memory. Keys are
 * taken literally. Throws `StepError` `expression_failed`, naming the expression, its place and why.
 */
export function createEvaluator(): Evaluator {
  const renderer = createStrictRenderer();
  return {
    evaluate: (value: unknown, scope: Scope) => {
      const context = asContext(scope);
      return mapStrings(value, [], (text, path) => {
        if (!hasTemplating(text)) return text;
        try {
          return thaw(renderer.renderValue(text, context));
        } catch (error) {
          throw asStepError(error, text, path);
        }
      });
    },
  };
}

/** JSON is what a scope is stored as; going through it drops what has no value and leaves plain records only. */
function asContext(scope: Scope): TemplateContext {
  return JSON.parse(JSON.stringify(scope)) as TemplateContext;
}

const deepest = 64;

function mapStrings(value: unknown, path: readonly string[], map: (text: string, path: readonly string[]) => unknown): unknown {
  if (path.length > deepest)
    throw new StepError('fatal', 'expression_failed', `The input is nested deeper than ${deepest} levels.`);
  if (typeof value === 'string') return map(value, path);
  if (Array.isArray(value)) return value.map((item, index) => mapStrings(item, [...path, String(index)], map));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapStrings(item, [...path, key], map)]));
}

/** The interpreter's values are frozen and without prototype; a step gets ordinary ones. */
function thaw(value: TemplateValue): unknown {
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
