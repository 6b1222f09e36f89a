import type { Registry } from '@slipway/engine';
import type { z } from 'zod';
import { entriesOfPages, pageFaults } from '../parameters/parameter-pages.js';
import type { Finding } from './finding.js';
import { nearest } from './nearest.js';
import { parseTemplate } from './parse-template.js';
import { referencesIn } from '../expressions/references.js';
import { findCycle, needsOf } from './step-needs.js';
import { createStrictRenderer, RenderFailure } from '../expressions/strict-renderer.js';
import { hasTemplating, isLoneExpression } from '../expressions/tags.js';
import { retryKeys, specKeys, stepKeys, TemplateDocument } from './template-document.js';
import type { TemplateStep } from './template-document.js';

export interface ValidatedTemplate {
  /** Null when a finding is an error. */
  document: TemplateDocument | null;
  findings: Finding[];
}

/** The step definitions there are; without them actions go unchecked. */
export type KnownSteps = Pick<Registry, 'step' | 'stepIds'>;

/** Everything that can be said about a template without running it, at once. */
export function validateTemplate(text: string, options: { file?: string; steps?: KnownSteps } = {}): ValidatedTemplate {
  const parsed = parseTemplate(text);
  const findings = [...parsed.findings];
  let document: TemplateDocument | null = null;
  if (findings.length === 0) {
    findings.push(...unknownKeys(parsed.value));
    const result = TemplateDocument.safeParse(parsed.value);
    if (result.success) {
      document = result.data;
      findings.push(...parameterFindings(document), ...stepFindings(document, options.steps), ...expressionFindings(document));
    } else findings.push(...result.error.issues.map(schemaFinding));
  }
  const located = findings.map((found) => ({
    ...found,
    ...(options.file === undefined ? {} : { file: options.file }),
    ...(found.line === undefined ? parsed.locate(asPath(found.path)) : {}),
  }));
  return { document: located.some((found) => found.severity === 'error') ? null : document, findings: located };
}

function error(code: string, path: readonly PropertyKey[], message: string): Finding {
  return { severity: 'error', code, path: path.join('.'), message };
}

function asPath(path: string): (string | number)[] {
  return path === '' ? [] : path.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** A misspelt key in a step would silently change what the run does, so it is an error there; elsewhere a warning. */
function unknownKeys(value: unknown): Finding[] {
  const spec = field(value, 'spec');
  const findings: Finding[] = [];
  for (const key of keysOf(spec)) {
    if (!specKeys.includes(key)) findings.push({ ...unknownKey(['spec', key], specKeys), severity: 'warning' });
  }
  const steps = field(spec, 'steps');
  for (const [index, step] of (Array.isArray(steps) ? steps : []).entries()) {
    const path = ['spec', 'steps', index];
    for (const key of keysOf(step)) if (!stepKeys.includes(key)) findings.push(unknownKey([...path, key], stepKeys));
    for (const key of keysOf(field(step, 'retry'))) {
      if (!retryKeys.includes(key)) findings.push(unknownKey([...path, 'retry', key], retryKeys));
    }
  }
  return findings;
}

function unknownKey(path: readonly PropertyKey[], known: readonly string[]): Finding {
  const key = String(path.at(-1));
  const meant = nearest(key, known);
  return error(
    'unknown_key',
    path,
    `"${key}" is not known here${meant ? `; did you mean "${meant}"?` : `. Known are: ${known.join(', ')}.`}`,
  );
}

function schemaFinding(issue: z.core.$ZodIssue): Finding {
  return error(`schema_${issue.code}`, issue.path, issue.message);
}

function parameterFindings(document: TemplateDocument): Finding[] {
  return document.spec.parameters.flatMap((page, index) =>
    pageFaults(page).map((message) => error('parameters_invalid', ['spec', 'parameters', index], message)),
  );
}

function stepFindings(document: TemplateDocument, known: KnownSteps | undefined): Finding[] {
  const { steps } = document.spec;
  const ids = steps.map((step) => step.id);
  const findings = [...duplicates(ids), ...(known ? unknownActions(steps, known) : [])];
  for (const [index, step] of steps.entries()) {
    const path = ['spec', 'steps', index];
    for (const need of step.needs ?? []) {
      if (!ids.includes(need)) findings.push(error('unknown_need', [...path, 'needs'], noSuchStep('needs', need, ids)));
    }
    for (const reference of referencesIn([step.input, step.if]).steps) {
      if (!ids.includes(reference)) findings.push(error('unknown_step', path, noSuchStep('refers to', reference, ids)));
    }
    if (step.each !== undefined)
      findings.push(error('unsupported', [...path, 'each'], '"each" is not supported yet: write one step per item.'));
    if (typeof step.if === 'string' && !isLoneExpression(step.if)) {
      findings.push(error('if_not_expression', [...path, 'if'], '"if" must be true, false or one expression: ${{ … }}.'));
    }
  }
  const cycle = findCycle(needsOf(steps));
  if (cycle) findings.push(error('cycle', ['spec', 'steps'], `The steps wait for each other in a circle: ${cycle.join(' → ')}.`));
  return findings;
}

function duplicates(ids: readonly string[]): Finding[] {
  return ids.flatMap((id, index) =>
    ids.indexOf(id) < index
      ? [error('duplicate_id', ['spec', 'steps', index, 'id'], `Another step is called "${id}" already.`)]
      : [],
  );
}

/** Once per action, however often it is used. */
function unknownActions(steps: readonly TemplateStep[], known: KnownSteps): Finding[] {
  return [...new Set(steps.map((step) => step.action))].flatMap((action) => {
    if (known.step(action)) return [];
    const index = steps.findIndex((step) => step.action === action);
    const meant = nearest(action, known.stepIds());
    const hint = meant ? ` Did you mean "${meant}"?` : '';
    return [error('unknown_action', ['spec', 'steps', index, 'action'], `There is no action "${action}" here.${hint}`)];
  });
}

function noSuchStep(verb: string, name: string, ids: readonly string[]): string {
  const dashed = ids.find((id) => id.startsWith(`${name}-`));
  if (dashed) return `It ${verb} a step "${name}" that does not exist. A name with dashes needs brackets: steps['${dashed}'].`;
  const meant = nearest(name, ids);
  return `It ${verb} a step "${name}" that does not exist${meant ? `; did you mean "${meant}"?` : '.'}`;
}

/** Syntax, filters and parameters of every expression. Names with a value only at run time cannot be known here. */
function expressionFindings(document: TemplateDocument): Finding[] {
  const { spec } = document;
  const places: [readonly PropertyKey[], unknown][] = [
    [['spec', 'identifier'], spec.identifier],
    ...spec.steps.flatMap((step, index): [readonly PropertyKey[], unknown][] => [
      [['spec', 'steps', index, 'if'], step.if],
      [['spec', 'steps', index, 'input'], step.input],
    ]),
  ];
  const declared = new Set(entriesOfPages(spec.parameters).keys());
  return places.flatMap(([path, value]) => [
    ...brokenExpressions(path, value),
    ...[...referencesIn(value).parameters]
      .filter((name) => !declared.has(name) && !isDefaultIdentifier(path, spec))
      .map((name): Finding => ({ ...error('unknown_parameter', path, `There is no parameter "${name}".`), severity: 'warning' })),
  ]);
}

/** DAY-2 and DELETE are asked of an entity that has its name already. */
function isDefaultIdentifier(path: readonly PropertyKey[], spec: TemplateDocument['spec']): boolean {
  return path[1] === 'identifier' && spec.operation !== 'CREATE';
}

const renderer = createStrictRenderer();

function brokenExpressions(path: readonly PropertyKey[], value: unknown): Finding[] {
  if (typeof value === 'string') {
    const fault = hasTemplating(value) ? faultOf(value) : null;
    return fault ? [error('expression_syntax', path, `${value}: ${fault}`)] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => brokenExpressions([...path, key], item));
}

function faultOf(source: string): string | null {
  try {
    renderer.renderValue(source, {});
  } catch (error_) {
    if (error_ instanceof RenderFailure && (error_.kind === 'syntax' || error_.message.includes('Unknown template filter')))
      return error_.message;
  }
  return null;
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function keysOf(value: unknown): string[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}
