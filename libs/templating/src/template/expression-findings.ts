import { expressionRoots } from '../expressions/expression-context.js';
import { pathsInText, speaksOfSecrets } from '../expressions/references.js';
import { createStrictRenderer, RenderFailure } from '../expressions/strict-renderer.js';
import { hasTemplating } from '../expressions/tags.js';
import { entriesOfPages } from '../parameters/parameter-pages.js';
import { secretFields } from '../parameters/secret-fields.js';
import { errorAt, warningAt } from './finding.js';
import type { Finding, FindingPath } from './finding.js';
import { keysOf } from './input-findings.js';
import { nearest } from './nearest.js';
import { declaredSecrets } from './parameter-findings.js';
import type { TemplateDocument } from './template-document.js';
import type { KnownSteps } from './validate-template.js';

/** Where an expression stands, and what it may speak of there. */
interface Place {
  path: FindingPath;
  value: unknown;
  /** Secrets are for steps alone: an output, or the reason why a step ran, rests in clear. */
  secrets: boolean;
  each: boolean;
  /** Whether its item comes of secrets, and may be spoken of where they may. */
  secretItem: boolean;
  /** Whether what it says ends in files, which are stored and pushed. */
  files: boolean;
}

interface Names {
  parameters: Set<string>;
  secretFields: Set<string>;
  secrets: Set<string>;
  /** What each step's definition says it gives; null where nothing is known of it. */
  outputs: Map<string, string[] | null>;
}

/** Syntax, filters and names of every expression. What has a value only at run time cannot be known here. */
export function expressionFindings(document: TemplateDocument, known: KnownSteps | undefined): Finding[] {
  const names = namesOf(document, known);
  return placesOf(document, known).flatMap((place) => textsIn(place.value, place.path).flatMap((text) => findingsIn(text, place, names)));
}

function placesOf({ spec }: TemplateDocument, known: KnownSteps | undefined): Place[] {
  const plain = { secrets: false, each: false, secretItem: false, files: false };
  // DAY-2 and DELETE are asked of an entity that has its name already.
  const identifier = spec.operation === 'CREATE' ? [{ path: ['spec', 'identifier'], value: spec.identifier, ...plain }] : [];
  return [
    ...identifier,
    ...spec.steps.flatMap((step, index): Place[] => {
      const path = ['spec', 'steps', index];
      const each = step.each !== undefined;
      return [
        { ...plain, path: [...path, 'if'], value: step.if, each, secretItem: speaksOfSecrets(step.each) },
        { ...plain, path: [...path, 'each'], value: step.each, secrets: true },
        { ...plain, path: [...path, 'input'], value: step.input, secrets: true, each, files: known?.step(step.action)?.workspace === 'write' },
      ];
    }),
    { path: ['spec', 'entity'], value: spec.entity, ...plain },
    { path: ['spec', 'output'], value: spec.output, ...plain },
  ];
}

function namesOf({ spec }: TemplateDocument, known: KnownSteps | undefined): Names {
  return {
    parameters: new Set(entriesOfPages(spec.parameters).keys()),
    secretFields: secretFields(spec.parameters),
    secrets: declaredSecrets(spec),
    outputs: new Map(
      spec.steps.map((step) => {
        const keys = keysOf(known?.step(step.action)?.output);
        return [step.id, keys.length > 0 ? keys : null];
      }),
    ),
  };
}

interface Text {
  text: string;
  path: FindingPath;
}

function textsIn(value: unknown, path: FindingPath): Text[] {
  if (typeof value === 'string') return hasTemplating(value) ? [{ text: value, path }] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => textsIn(item, [...path, key]));
}

function findingsIn({ text, path }: Text, place: Place, names: Names): Finding[] {
  const fault = syntaxFault(text);
  if (fault) return [errorAt(path, 'expression_syntax', `${text}: ${fault}`)];
  const paths = new Map(pathsInText(text).map((parts) => [parts.join('.'), parts]));
  return [...paths.values()].flatMap((parts) => nameFindings(parts, path, place, names));
}

function nameFindings(parts: readonly string[], path: FindingPath, place: Place, names: Names): Finding[] {
  const [root = '', first, output, name] = parts;
  if (root === 'secrets') return secretFindings(first, path, place, names);
  if (root === 'environment' && first !== 'parameters') return secretFindings(undefined, path, place, names);
  if (root === 'each' && !place.each)
    return [errorAt(path, 'each_misplaced', '"each" has a value only in the input and the "if" of a step that has "each".')];
  if (root === 'each' && place.secretItem && first !== 'key')
    return [errorAt(path, 'secret_misplaced', 'The items come of a secret, and may be spoken of only in the "input" of the step: why a step ran is for all to see.')];
  if (root === 'parameters' && first !== undefined) return parameterNameFindings(first, path, names);
  if (root === 'steps' && first !== undefined && output === 'output' && name !== undefined) {
    const outputs = names.outputs.get(first);
    if (outputs && !outputs.includes(name))
      return [warningAt(path, 'unknown_output', `The step "${first}" gives no "${name}"${hint(name, outputs)}`)];
    if (place.path[1] === 'output' && !names.outputs.has(first))
      return [errorAt(path, 'unknown_step', `There is no step "${first}"${hint(first, [...names.outputs.keys()])}`)];
  }
  if (expressionRoots.includes(root) || functions.includes(root)) return [];
  return [warningAt(path, 'unknown_name', `Nothing is called "${root}" here${hint(root, expressionRoots)}`)];
}

function secretFindings(name: string | undefined, path: FindingPath, place: Place, names: Names): Finding[] {
  if (!place.secrets)
    return [errorAt(path, 'secret_misplaced', `A secret may be used only in the "input" and the "each" of a step, not here.`)];
  if (place.files && path.at(-1) !== 'token')
    return [warningAt(path, 'secret_in_files', 'A file that holds a secret is refused by the run: files are stored and pushed. Hand on a reference, or put the value where only the system that needs it sees it.')];
  if (name === undefined || names.secrets.has(name)) return [];
  return [warningAt(path, 'unknown_secret', `No field asks for the secret "${name}"${hint(name, [...names.secrets])}`)];
}

function parameterNameFindings(name: string, path: FindingPath, names: Names): Finding[] {
  if (names.secretFields.has(name))
    return [warningAt(path, 'secret_as_parameter', `"${name}" is a secret and no parameter: read it as secrets.${name}.`)];
  if (names.parameters.has(name)) return [];
  return [warningAt(path, 'unknown_parameter', `There is no parameter "${name}"${hint(name, [...names.parameters])}`)];
}

function hint(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  return meant ? `; did you mean "${meant}"?` : '.';
}

const functions = ['always', 'failure', 'range', 'cycler', 'joiner', 'caller', 'super'];
const renderer = createStrictRenderer({
  functions: { always: () => true, failure: () => false },
  limits: { workUnits: 20_000, outputCodeUnits: 100_000 },
});

function syntaxFault(source: string): string | null {
  try {
    renderer.renderValue(source, renderer.prepare({}));
  } catch (error) {
    if (error instanceof RenderFailure && (error.kind === 'syntax' || error.message.includes('Unknown template filter')))
      return error.message;
  }
  return null;
}
