import { readFile } from 'node:fs/promises';
import { type PlanView, SlipwayError } from '@slipway/contracts';
import type { Registry, Secrets } from '@slipway/engine';
import { type GivenInputs, checkRequest, compilePlan, createEvaluator, dryRun, entityIdentifier, type Environment } from '@slipway/templating';
import { parse } from 'yaml';
import { CannotGoOn, WrongUse, needed } from '../wrong-use.js';
import type { FoundTemplate } from './load-one.js';

interface Question {
  found: FoundTemplate;
  given: GivenInputs;
  entity: string | undefined;
  registry: Registry;
  secrets?: Secrets | undefined;
  environment?: Environment | undefined;
  content?: boolean;
  keep?: (workspace: string) => Promise<void>;
}

/** The plan of a template on this machine, or undefined when the values break its rules; that has been said. */
export async function workOut(question: Question): Promise<PlanView | undefined> {
  const { found, given, registry, secrets, environment, content = false, keep } = question;
  const { template, place } = found;
  const { values: inputs, issues } = checkRequest(template.document.spec, given);
  if (issues.length > 0) {
    for (const issue of issues) process.stderr.write(`${issue.path}: ${issue.message}\n`);
    return undefined;
  }
  const identifier = entityOf(question, inputs);
  const signal = AbortSignal.timeout(5 * 60_000);
  return dryRun(
    { registry, evaluator: createEvaluator(environment), ...(secrets ? { secrets } : {}) },
    {
      ...{ template, plan: compilePlan(template), folder: place.root, inputs, content },
      entity: { blueprint: template.blueprint, identifier },
      ...{ mark: null, standing: [], requestedBy: 'user:default/you' },
      ...(keep ? { keep } : {}),
    },
    signal,
  );
}

function entityOf({ found: { template }, entity }: Question, inputs: Record<string, unknown>): string {
  if (template.operation !== 'CREATE') {
    if (entity === undefined) throw new WrongUse(`A ${template.operation} template is asked for an entity: say --entity NAME.`);
    return entity;
  }
  try {
    return entityIdentifier(template, inputs);
  } catch (error) {
    throw error instanceof SlipwayError ? new CannotGoOn(error.message) : error;
  }
}

/** What a form would have sent, from a YAML or JSON file; secrets may lie in one of their own. */
export async function readGiven(options: { values: string | undefined; secrets: string | undefined }): Promise<GivenInputs> {
  const properties = await readValues(needed(options.values, 'values', 'the file with what the form would send'));
  return { properties, secrets: options.secrets === undefined ? {} : await readValues(options.secrets) };
}

async function readValues(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new WrongUse(`The values cannot be read: ${error.message}`);
  });
  const values: unknown = parseYaml(file, text);
  if (typeof values === 'object' && values !== null && !Array.isArray(values)) return values as Record<string, unknown>;
  throw new WrongUse(`${file} must hold one value for each field of the form: name: value.`);
}

function parseYaml(file: string, text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 50 }) ?? {};
  } catch (error) {
    throw new WrongUse(`${file} is no YAML: ${(error as Error).message}`);
  }
}
