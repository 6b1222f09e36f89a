import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { described, requestBodies } from './description/requests.generated.js';
import { GitHubError } from './errors.js';

/** Names of parameters differ between GitHub's description and a router; where they stand does not. */
const bodies = new Map(Object.keys(requestBodies).map((operation) => [shapeOf(operation), operation]));
const ajv = new Ajv({ strict: false, verbose: true, validateFormats: false });
const compiled = new Map<string, ValidateFunction>();

/**
 * Checks the body of each request to a route added from here on against GitHub's own description of the operation. A field
 * that it does not name is refused: GitHub refuses some and overlooks others, and a stand-in that overlooks hides mistakes.
 */
export function checkRequests(app: FastifyInstance): void {
  app.addHook('onRoute', (route: RouteOptions & { prefix: string }) => {
    const url = route.url.slice(route.prefix.length);
    const methods = Array.isArray(route.method) ? route.method : [route.method];
    const operation = methods.map((method) => bodies.get(shapeOf(`${method} ${url}`))).find((found) => found !== undefined);
    if (operation === undefined) return;
    const validate = validatorOf(operation);
    route.preHandler = async (request) => {
      // What the official client sends as PUT without fields is an empty text.
      const body = request.body || {};
      if (typeof body !== 'object') throw new GitHubError(400, 'Body should be a JSON object');
      const check = validate();
      if (!check(body)) throw new GitHubError(422, `Invalid request.\n\n${wording(check.errors ?? [])}`);
    };
  });
}

/** Whether GitHub has this operation, so that what the sandbox lacks is told from what nobody has. */
export function isDescribed(method: string, path: string): boolean {
  patterns ??= described.split('\n').map((operation) => {
    const [verb = '', template = ''] = operation.split(' ');
    const source = template.split(/\{[^}]+\}/).map((part) => RegExp.escape(part)).join('[^/]+');
    // A path inside a repository and a ref go on over slashes.
    return [verb, new RegExp(`^${source.replace(/(contents|ref|refs|matching-refs)\/\[\^\/\]\+$/, '$1/.+')}$`)] as const;
  });
  return patterns.some(([verb, pattern]) => verb === method && pattern.test(path));
}

let patterns: (readonly [string, RegExp])[] | undefined;

/** Compiled on first use: most operations are not asked for in most runs. */
function validatorOf(operation: string): () => ValidateFunction {
  return () => {
    const known = compiled.get(operation);
    if (known) return known;
    const made = ajv.compile(JSON.parse(requestBodies[operation] ?? '{}') as object);
    compiled.set(operation, made);
    return made;
  };
}

function shapeOf(operation: string): string {
  return operation.replace(/\{[^}]+\}|:\w+|\*/g, '{}');
}

/** In GitHub's words, of the first that is wrong. */
function wording(errors: readonly ErrorObject[]): string {
  // A choice fails after each of its branches: what it says covers them.
  const error = errors.find(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf') ?? errors[0];
  if (!error) return 'The request is invalid.';
  const { keyword, params, data } = error;
  const place = `properties${error.instancePath}`;
  const value = JSON.stringify(data) ?? 'nil';
  switch (keyword) {
    case 'additionalProperties':
      return `"${String(params['additionalProperty'])}" is not a permitted key.`;
    case 'required':
      return `"${String(params['missingProperty'])}" wasn't supplied.`;
    case 'type':
      return `For '${place}', ${data === null ? 'nil' : value} is not ${article([params['type'] as string | string[]].flat()[0] ?? '')}.`;
    case 'enum':
      return `For '${place}', ${value} is not a member of ${JSON.stringify(params['allowedValues'])}.`;
    case 'anyOf':
    case 'oneOf':
      return `For '${place}', no subschema in "${keyword}" matched.`;
    default:
      return `For '${place}', ${value} ${error.message ?? 'is invalid'}.`;
  }
}

function article(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}
