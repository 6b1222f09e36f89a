import { type KnownSteps, validateTemplateFile } from '@slipway/templating';
import { WrongUse, readOptions } from '../wrong-use.js';
import { type TemplatePlace, findTemplates } from './find-templates.js';
import { findingLine, findingOf, type PrintedFinding } from './print-finding.js';
import { knownSteps } from './known-steps.js';

/** Everything that can be said of templates without running them: one document for all paths. */
export async function validate(args: string[]): Promise<number> {
  const { values, positionals } = readOptions(args, { json: { type: 'boolean' }, config: { type: 'string' } });
  if (positionals.length === 0) throw new WrongUse('Name at least one template: its file, or its folder.');
  const places = (await Promise.all(positionals.map(findTemplates))).flat();
  const { registry } = await knownSteps(values.config);
  const findings = (await Promise.all(places.map((place) => findingsOf(place, registry)))).flat();
  if (values.json) process.stdout.write(`${JSON.stringify({ findings }, null, 2)}\n`);
  else process.stdout.write(report(places, findings));
  return findings.some((found) => found.severity === 'error') ? 1 : 0;
}

async function findingsOf({ file, root, templatePath }: TemplatePlace, steps: KnownSteps): Promise<PrintedFinding[]> {
  const { findings } = await validateTemplateFile(root, templatePath, { file, steps });
  return findings.map((found) => findingOf(found, file));
}

function report(places: TemplatePlace[], findings: PrintedFinding[]): string {
  const errors = findings.filter((found) => found.severity === 'error').length;
  const templates = `${places.length} ${places.length === 1 ? 'template' : 'templates'}`;
  const summary = `${templates}: ${count(errors, 'error')}, ${count(findings.length - errors, 'warning')}.`;
  return `${[...findings.map(findingLine), summary].join('\n')}\n`;
}

function count(number: number, what: string): string {
  return `${number === 0 ? 'no' : number} ${what}${number === 1 ? '' : 's'}`;
}
