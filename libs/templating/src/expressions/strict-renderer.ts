import { createTemplateRenderer, TemplateLimitError, TemplateRenderError } from 'nunjitsu';
import type { TemplateContext, TemplateValue } from 'nunjitsu';
import { filters } from './filters.js';
import { tagsOf } from './tags.js';

/**
 * The closed interpreter, made strict: stock behaviour turns an expression without a value into an empty text, and a
 * misspelt name into a broken manifest. Here it fails, and the failure names the expression and its line.
 * Runs in worker threads too, so it imports nothing of ours but its neighbours.
 */
export interface StrictRenderer {
  /** Always text. */
  render(source: string, context: TemplateContext): string;
  /** A lone expression keeps its type. The value is frozen. */
  renderValue(source: string, context: TemplateContext): TemplateValue;
}

export interface RendererOptions {
  trimBlocks?: boolean;
  lstripBlocks?: boolean;
}

/** Why a source could not be rendered. `syntax`: no values can mend it. */
export class RenderFailure extends Error {
  readonly kind: 'syntax' | 'expression' | 'limit';
  readonly line: number | undefined;

  constructor(kind: RenderFailure['kind'], message: string, line: number | undefined) {
    super(message);
    this.name = 'RenderFailure';
    this.kind = kind;
    this.line = line;
  }
}

const requireFilter = 'slipwayRequire';

export function createStrictRenderer(options: RendererOptions = {}): StrictRenderer {
  let expressions: { text: string; line: number }[] = [];
  const renderer = createTemplateRenderer({
    ...options,
    filters: {
      ...filters,
      [requireFilter]: (value, index) => {
        if (value !== undefined) return value;
        const expression = expressions[Number(index)];
        throw new RenderFailure('expression', `"${expression?.text}" has no value`, expression?.line);
      },
    },
  });
  const strictly = <T>(source: string, use: (wrapped: string) => T): T => {
    const wrapped = requireEveryOutput(source);
    expressions = wrapped.expressions;
    try {
      return use(wrapped.source);
    } catch (error) {
      throw explain(error, wrapped.expressions);
    }
  };
  return {
    render: (source, context) => strictly(source, (wrapped) => renderer.render(wrapped, context)),
    renderValue: (source, context) =>
      strictly(source, (wrapped) => {
        const value = renderer.renderValue(wrapped, context);
        return value === undefined ? '' : value;
      }),
  };
}

/** Rewrites every `${{ x }}` to `${{ (x) | slipwayRequire(n) }}`, which keeps lines where they were. */
function requireEveryOutput(source: string): { source: string; expressions: { text: string; line: number }[] } {
  const expressions: { text: string; line: number }[] = [];
  let rewritten = '';
  let copied = 0;
  for (const tag of tagsOf(source)) {
    if (tag.kind !== 'output' || tag.content.trim() === '') continue;
    const contentEnd = tag.contentStart + tag.content.length;
    rewritten += `${source.slice(copied, tag.contentStart)} (${tag.content}) | ${requireFilter}(${expressions.length}) `;
    expressions.push({ text: tag.content.trim(), line: tag.line });
    copied = contentEnd;
  }
  return { source: rewritten + source.slice(copied), expressions };
}

function explain(error: unknown, expressions: readonly { text: string; line: number }[]): unknown {
  if (error instanceof TemplateLimitError) return new RenderFailure('limit', error.message, error.line);
  if (!(error instanceof TemplateRenderError)) {
    // The interpreter refuses values it cannot hold (dates, reserved names) with a TypeError of its own.
    return error instanceof TypeError ? new RenderFailure('expression', error.message, undefined) : error;
  }
  const missing = new RegExp(`filter "${requireFilter}" failed: (.*)$`, 's').exec(error.message)?.[1];
  const message = (missing ?? error.message).replace(/^Template error at line \d+, column \d+: /, '');
  // Inside one tag its own line is the truer one; the interpreter counts from the tag's first line as well.
  const only = expressions.length === 1 ? expressions[0] : undefined;
  const named = missing || !only ? message : `"${only.text}": ${message}`;
  return new RenderFailure(error.code === 'syntax_error' ? 'syntax' : 'expression', named, error.line);
}
