import { createTemplateRenderer, TemplateLimitError, TemplateRenderError } from 'nunjitsu';
import type {
  PreparedTemplateContext,
  TemplateContext,
  TemplateGlobalFunction,
  TemplateRenderLimits,
  TemplateValue,
} from 'nunjitsu';
import { filters } from './filters.js';
import { plainValue } from './plain-values.js';
import { markPatterns } from './regex-replace.js';
import { isLoneExpression, tagsOf } from './tags.js';

/**
 * The closed interpreter, made strict: stock behaviour turns an expression without a value into an empty text, and a
 * misspelt name into a broken manifest. Here it fails, and the failure names the expression and its line.
 * Runs in worker threads too, so it imports nothing of ours but its neighbours.
 */
export interface StrictRenderer {
  /** Data for many renderings, copied once, when the interpreter is first asked. Nobody changes it meanwhile. */
  prepare(context: TemplateContext): PreparedContext;
  /** Always text. */
  render(source: string, context: PreparedContext): string;
  /** A lone expression keeps its type; undefined when its value may be absent and is. The value is frozen. */
  renderValue(source: string, context: PreparedContext): TemplateValue | undefined;
}

export interface PreparedContext {
  readonly data: TemplateContext;
  forInterpreter(): PreparedTemplateContext;
}

export interface RendererOptions {
  trimBlocks?: boolean;
  lstripBlocks?: boolean;
  /** `{{ }}` in place of `${{ }}`, and the filters of cookiecutter. */
  cookiecutterCompat?: boolean;
  functions?: Record<string, TemplateGlobalFunction>;
  limits?: Partial<TemplateRenderLimits>;
  /** Whether an expression may be without a value; `lone`: it is the whole text. Absent: none may. */
  mayBeAbsent?: (expression: string, lone: boolean) => boolean;
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

interface Expression {
  text: string;
  line: number;
}

export function createStrictRenderer(options: RendererOptions = {}): StrictRenderer {
  const { functions, limits = {}, mayBeAbsent, cookiecutterCompat = false, trimBlocks = false, lstripBlocks = false } = options;
  let expressions: Expression[] = [];
  let lone = false;
  const renderer = createTemplateRenderer({
    ...{ cookiecutterCompat, trimBlocks, lstripBlocks },
    ...(functions ? { globals: functions } : {}),
    filters: {
      ...filters,
      // nunjucks escapes nothing here, so that this is its `dump`.
      ...(cookiecutterCompat ? { jsonify: (value) => (value === undefined ? value : JSON.stringify(value)) } : {}),
      [requireFilter]: (value, index) => {
        const expression = expressions[Number(index)];
        if (value !== undefined || !expression || mayBeAbsent?.(expression.text, lone)) return value;
        throw new RenderFailure('expression', `"${expression.text}" has no value`, expression.line);
      },
    },
  });
  const strictly = <T>(source: string, use: (wrapped: string) => T): T => {
    const wrapped = requireEveryOutput(source, cookiecutterCompat);
    expressions = wrapped.expressions;
    try {
      return use(wrapped.source);
    } catch (error) {
      throw explain(error, wrapped.expressions);
    }
  };
  return {
    prepare: (data) => {
      let copy: PreparedTemplateContext | undefined;
      return { data, forInterpreter: () => (copy ??= renderer.prepareContext(data)) };
    },
    render: (source, context) => {
      const plain = cookiecutterCompat ? undefined : plainValue(source, context.data);
      if (typeof plain === 'string') return plain;
      lone = false;
      return strictly(source, (wrapped) => renderer.render(wrapped, context.forInterpreter(), { limits }));
    },
    renderValue: (source, context) => {
      const plain = cookiecutterCompat ? undefined : plainValue(source, context.data);
      if (plain !== undefined) return plain;
      lone = isLoneExpression(source);
      return strictly(source, (wrapped) => {
        const value = renderer.renderValue(wrapped, context.forInterpreter(), { limits });
        return value === undefined && !lone ? '' : value;
      });
    },
  };
}

/** Rewrites every `${{ x }}` to `${{ (x) | slipwayRequire(n) }}`, which keeps lines where they were. */
function requireEveryOutput(source: string, cookiecutterCompat: boolean): { source: string; expressions: Expression[] } {
  const expressions: Expression[] = [];
  let rewritten = '';
  let copied = 0;
  for (const tag of tagsOf(source, cookiecutterCompat ? '{{' : '${{')) {
    if (tag.content.trim() === '') continue;
    const content = markPatterns(tag.content);
    rewritten += source.slice(copied, tag.contentStart);
    copied = tag.contentStart + tag.content.length;
    if (tag.kind === 'statement') {
      rewritten += content;
      continue;
    }
    rewritten += ` (${content}) | ${requireFilter}(${expressions.length}) `;
    expressions.push({ text: tag.content.trim(), line: tag.line });
  }
  return { source: rewritten + source.slice(copied), expressions };
}

function explain(error: unknown, expressions: readonly Expression[]): unknown {
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
