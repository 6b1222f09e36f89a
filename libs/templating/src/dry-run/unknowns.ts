import type { Evaluator, Scope } from '@slipway/engine';
import { type NamePath, pathsInText } from '../expressions/references.js';
import { hasTemplating, tagsOf } from '../expressions/tags.js';
import type { DryRunRequest } from './dry-run.js';

/** A value as far as it is known, and where in it an expression had to stay. */
export interface PartlyKnown {
  value: unknown;
  /** Paths of the texts that hold an expression still. */
  open: string[][];
}

export type Item = { key: string | number; value: unknown } | 'unknown';

/**
 * What is known while a plan is worked out: the inputs, and the outputs of steps that were run for it or will be skipped.
 * Everything else (other steps' outputs, secrets, the run's id) stays as the expression that asks for it.
 */
export class Unknowns {
  private readonly outputs: Record<string, { output: unknown }> = {};
  /** Of the steps that will not run: their outputs are absent, which is known too. */
  private readonly skipped = new Set<string>();

  constructor(
    private readonly evaluator: Evaluator,
    private readonly request: Pick<DryRunRequest, 'inputs' | 'entity' | 'requestedBy'>,
  ) {}

  know(stepId: string, output: unknown): void {
    this.outputs[stepId] = { output };
  }

  skip(stepId: string): void {
    this.skipped.add(stepId);
  }

  /** Throws `StepError` as the evaluator does. */
  evaluate(value: unknown, item?: Item): PartlyKnown {
    const open: string[][] = [];
    const closed = this.close(value, item, [], open);
    return { value: this.evaluator.evaluate(closed, this.scope(item)), open };
  }

  /** The value with every tag that cannot be evaluated marked to stay as it is. */
  private close(value: unknown, item: Item | undefined, path: string[], open: string[][]): unknown {
    if (typeof value === 'string') {
      const closed = hasTemplating(value) ? this.closeText(value, item) : value;
      if (closed !== value) open.push(path);
      return closed;
    }
    if (Array.isArray(value)) return value.map((one, index) => this.close(one, item, [...path, String(index)], open));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, this.close(one, item, [...path, key], open)]));
  }

  private closeText(text: string, item: Item | undefined): string {
    const tags = tagsOf(text).map((tag) => ({ ...tag, open: this.isOpen(text.slice(tag.start, tag.end), item) }));
    if (!tags.some((tag) => tag.open)) return text;
    // What a statement decides is one with what it decides about.
    if (tags.some((tag) => tag.kind === 'statement')) return raw(text);
    let closed = '';
    let copied = 0;
    for (const { start, end } of tags.filter((tag) => tag.open)) {
      closed += text.slice(copied, start) + raw(text.slice(start, end));
      copied = end;
    }
    return closed + text.slice(copied);
  }

  private isOpen(tag: string, item: Item | undefined): boolean {
    return pathsInText(tag).some((path) => this.isUnknown(path, item));
  }

  private isUnknown([root, first]: NamePath, item: Item | undefined): boolean {
    if (root === 'steps') return first === undefined || !(Object.hasOwn(this.outputs, first) || this.skipped.has(first));
    if (root === 'context') return first !== 'entity';
    if (root === 'each') return item === 'unknown';
    if (root === 'environment') return first !== 'parameters';
    return root === 'secrets';
  }

  private scope(item: Item | undefined): Scope {
    const { inputs, entity, requestedBy } = this.request;
    return {
      parameters: inputs,
      steps: this.outputs,
      user: { ref: requestedBy },
      failed: false,
      context: { task: { id: '' }, entity },
      ...(item === undefined || item === 'unknown' ? {} : { each: item }),
    };
  }
}

function raw(text: string): string {
  return `{% raw %}${text}{% endraw %}`;
}

/** Whether a text that came out of an evaluation is one that only a run can finish. */
export function isUnfinished(text: string): boolean {
  return hasTemplating(text);
}
