import type { Registry } from '@slipway/engine';
import type { z } from 'zod';
import { expressionFindings } from './expression-findings.js';
import { errorAt } from './finding.js';
import type { Finding, FindingPath } from './finding.js';
import { outputFindings } from './output-findings.js';
import { parameterFindings } from './parameter-findings.js';
import { parseTemplate } from './parse-template.js';
import { resolvePlaceholders } from './placeholders.js';
import type { ReadBeside } from './placeholders.js';
import { stepFindings } from './step-findings.js';
import { TemplateDocument } from './template-document.js';
import { unknownKeyFindings } from './unknown-keys.js';

export interface ValidatedTemplate {
  /** Null when a finding is an error. */
  document: TemplateDocument | null;
  findings: Finding[];
}

/** The step definitions there are; without them actions go unchecked. */
export type KnownSteps = Pick<Registry, 'step' | 'stepIds'>;

export interface ValidationOptions {
  /** How findings call the file. */
  file?: string;
  steps?: KnownSteps;
  /** For placeholders (`$yaml: ./steps.yaml`); without it every one is a finding. */
  readBeside?: ReadBeside;
}

/** Everything that can be said about a template without running it, at once. */
export function validateTemplate(text: string, options: ValidationOptions = {}): ValidatedTemplate {
  const parsed = parseTemplate(text);
  const findings = [...parsed.findings];
  let document: TemplateDocument | null = null;
  if (findings.length === 0) {
    const { value, findings: unresolved } = resolvePlaceholders(parsed.value, options.readBeside);
    findings.push(...unresolved, ...unknownKeyFindings(value));
    const result = TemplateDocument.safeParse(value);
    if (result.success) document = result.data;
    const further = result.success ? documentFindings(result.data, options.steps) : result.error.issues.map(schemaFinding);
    // What could not be read may hold the very thing that is missing.
    findings.push(...further.filter(({ code }) => unresolved.length === 0 || !/^schema_|^unknown_(step|need)$/.test(code)));
  }
  const located = findings.map((found) => ({
    ...found,
    ...(options.file === undefined ? {} : { file: options.file }),
    ...(found.line === undefined ? parsed.locate(asPath(found.path)) : {}),
  }));
  return { document: located.some((found) => found.severity === 'error') ? null : document, findings: located };
}

/** Of one that was read before, whose steps may have become others since. */
export function documentFindings(document: TemplateDocument, steps?: KnownSteps): Finding[] {
  return [
    ...parameterFindings(document),
    ...stepFindings(document, steps),
    ...expressionFindings(document, steps),
    ...outputFindings(document),
  ];
}

function schemaFinding(issue: z.core.$ZodIssue): Finding {
  return errorAt(issue.path as FindingPath, `schema_${issue.code}`, issue.message);
}

function asPath(path: string): (string | number)[] {
  return path === '' ? [] : path.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
