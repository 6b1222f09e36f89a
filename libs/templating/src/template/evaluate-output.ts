import { type Evaluator, isTrue, type Scope, StepError } from '@slipway/engine';
import type { TemplateDocument } from './template-document.js';

/** What a run shows when it is done. */
export interface TemplateOutput {
  links: { title?: string; icon?: string; url?: string; entityRef?: string }[];
  text: { title?: string; icon?: string; content?: string }[];
  /** The template's own further keys. */
  values: Record<string, unknown>;
}

/**
 * The output of a run that ended. A link or text whose `if` says no is left out, and so is one that speaks of a step that
 * did not run: an output is for people, and what is missing in it must not fail what succeeded.
 */
export function evaluateOutput(output: TemplateDocument['spec']['output'], evaluator: Evaluator, scope: Scope): TemplateOutput {
  const { links, text, ...values } = output;
  return {
    links: entriesOf(links, evaluator, scope).filter((link) => has(link, 'url') || has(link, 'entityRef')),
    text: entriesOf(text, evaluator, scope).filter((note) => has(note, 'content')),
    values: Object.fromEntries(
      Object.entries(values).flatMap(([key, value]) => {
        const evaluated = evaluatedOr(undefined, value, evaluator, scope);
        return evaluated === undefined ? [] : [[key, evaluated]];
      }),
    ),
  };
}

function entriesOf(list: unknown, evaluator: Evaluator, scope: Scope): Record<string, string>[] {
  if (!Array.isArray(list)) return [];
  return (list as Record<string, unknown>[]).flatMap(({ if: condition, ...entry }) => {
    if (condition !== undefined && !isTrue(evaluatedOr(false, condition, evaluator, scope))) return [];
    const evaluated = evaluatedOr(null, entry, evaluator, scope);
    return evaluated === null ? [] : [textsOf(evaluated as Record<string, unknown>)];
  });
}

function evaluatedOr(instead: unknown, value: unknown, evaluator: Evaluator, scope: Scope): unknown {
  try {
    return evaluator.evaluate(value, scope);
  } catch (error) {
    if (error instanceof StepError) return instead;
    throw error;
  }
}

function textsOf(entry: Record<string, unknown>): Record<string, string> {
  const texts = Object.entries(entry).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return Object.fromEntries(texts.map(([key, value]) => [key, String(value)]));
}

function has(entry: Record<string, string>, key: string): boolean {
  return entry[key] !== undefined && entry[key] !== '';
}
