import { isLoneExpression } from '../expressions/tags.js';
import { referencesIn } from '../expressions/references.js';
import { errorAt, warningAt } from './finding.js';
import type { Finding, FindingPath } from './finding.js';
import { inputFindings } from './input-findings.js';
import { nearest } from './nearest.js';
import { findCycle, needsOf } from './step-needs.js';
import type { TemplateDocument, TemplateStep } from './template-document.js';
import type { KnownSteps } from './validate-template.js';

/** What is wrong in the steps and between them; expressions are looked at on their own. */
export function stepFindings(document: TemplateDocument, known: KnownSteps | undefined): Finding[] {
  const { steps } = document.spec;
  const ids = steps.map((step) => step.id);
  const findings = [...duplicates(ids), ...(known ? unknownActions(steps, known) : [])];
  for (const [index, step] of steps.entries()) {
    const path = ['spec', 'steps', index];
    findings.push(...referenceFindings(step, path, ids), ...conditionFindings(step, path), ...eachFindings(step, path));
    const definition = known?.step(step.action);
    if (definition) findings.push(...inputFindings(step.input, definition, [...path, 'input']));
  }
  const cycle = findCycle(needsOf(steps));
  if (cycle)
    findings.push(errorAt(['spec', 'steps'], 'cycle', `The steps wait for each other in a circle: ${cycle.join(' → ')}.`));
  return findings;
}

function duplicates(ids: readonly string[]): Finding[] {
  return ids.flatMap((id, index) =>
    ids.indexOf(id) < index
      ? [errorAt(['spec', 'steps', index, 'id'], 'duplicate_id', `Another step is called "${id}" already.`)]
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
    return [errorAt(['spec', 'steps', index, 'action'], 'unknown_action', `There is no action "${action}" here.${hint}`)];
  });
}

function referenceFindings(step: TemplateStep, path: FindingPath, ids: readonly string[]): Finding[] {
  const findings: Finding[] = [];
  for (const need of step.needs ?? []) {
    if (!ids.includes(need)) findings.push(errorAt([...path, 'needs'], 'unknown_need', noSuchStep('needs', need, ids)));
  }
  for (const reference of referencesIn([step.input, step.if, step.each]).steps) {
    if (!ids.includes(reference)) findings.push(errorAt(path, 'unknown_step', noSuchStep('refers to', reference, ids)));
  }
  return findings;
}

function noSuchStep(verb: string, name: string, ids: readonly string[]): string {
  const dashed = ids.find((id) => id.startsWith(`${name}-`));
  if (dashed) return `It ${verb} a step "${name}" that does not exist. A name with dashes needs brackets: steps['${dashed}'].`;
  const meant = nearest(name, ids);
  return `It ${verb} a step "${name}" that does not exist${meant ? `; did you mean "${meant}"?` : '.'}`;
}

/** One expression, or one block that renders to `true` or `false`; Backstage takes any other text for true. */
function conditionFindings(step: TemplateStep, path: FindingPath): Finding[] {
  const text = typeof step.if === 'string' ? step.if.trim() : 'true';
  if (text === 'true' || text === 'false' || isLoneExpression(text) || /^\{%.*%\}$/s.test(text)) return [];
  const message = `"if" is a text and so always true: write one expression, \${{ … }}, around all of it.`;
  return [warningAt([...path, 'if'], 'if_not_expression', message)];
}

function eachFindings(step: TemplateStep, path: FindingPath): Finding[] {
  const { each } = step;
  if (each === undefined || (typeof each === 'object' && each !== null)) return [];
  if (typeof each === 'string' && isLoneExpression(each.trim())) return [];
  return [errorAt([...path, 'each'], 'each_not_list', '"each" must be a list, an object, or one expression that gives one.')];
}
