import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { App, Octokit } from 'octokit';
import { payloads, payloadSchemas, responses, responseSchemas } from '../github/description/answers.generated.js';
import type { Connection } from './sandbox-process.js';
import type { Received } from './webhook-receiver.js';

/** What the official client needs besides a credential: the address, and no patience with failures. */
function octokitOptions({ url }: Connection['github']) {
  return { baseUrl: `${url}/api/v3`, request: { retries: 0 }, retry: { enabled: false }, throttle: { enabled: false } };
}

export function connectOctokit(github: Connection['github'], auth = github.token): Octokit {
  return holdToDescription(new Octokit({ ...octokitOptions(github), auth }));
}

/** The GitHub App, at work in the organisation that has it installed. */
export async function connectApp(github: Connection['github']): Promise<Octokit> {
  const { clientId, privateKey, installationId } = github.app;
  const app = new App({ appId: clientId, privateKey, Octokit: Octokit.defaults(octokitOptions(github)) });
  return holdToDescription(await app.getInstallationOctokit(installationId));
}

/** Holds every answer against GitHub's own description of the operation: one of another status or shape fails its call. */
function holdToDescription(octokit: Octokit): Octokit {
  octokit.hook.after('request', (response, options) => assertDescribed(options.method, options.url, response.status, response.data));
  octokit.hook.error('request', (error, options) => {
    const { response } = error as { response?: { status: number; data: unknown } };
    if (response) assertDescribed(options.method, options.url, response.status, response.data);
    throw error;
  });
  return octokit;
}

/** @throws Error naming each place where the payload is not what GitHub says that it sends. */
export function assertPayload({ headers, body }: Received): void {
  const payload = JSON.parse(body) as { action?: string };
  const event = [headers['x-github-event'], payload.action].filter(Boolean).join('-').replaceAll('_', '-');
  const schema = payloads[event];
  if (schema === undefined) throw new Error(`The description holds no webhook ${event}: add it to generate-github-description.mjs`);
  assertValid(`webhook ${event}`, webhookValidator(event, schema), payload);
}

const restAjv = ajvWith(responseSchemas);
const webhookAjv = ajvWith(payloadSchemas);
const validators = new Map<string, ValidateFunction>();

function assertDescribed(method: string, url: string, status: number, data: unknown): void {
  const operation = `${method} ${template(url)}`;
  const known = Object.keys(responses).some((key) => shape(key).startsWith(`${shape(operation)} `));
  // Where a redirect led, or an operation that the sandbox leaves out.
  if (!known || status === 304 || status === 501) return;
  const key = Object.keys(responses).find((one) => shape(one) === `${shape(operation)} ${status}`);
  // Any operation may refuse a caller, and a repository may be empty or moved, without being described as doing so.
  if (key === undefined) {
    if ([400, 401, 403, 404, 405, 409, 422, 429].includes(status) || status >= 500) return assertValid(`${operation} ${status}`, errorValidator(), data);
    throw new Error(`GitHub describes no ${status} of ${operation}`);
  }
  const schema = responses[key];
  if (schema === undefined || schema === 'null') return;
  assertValid(key, restValidator(key, schema), data);
}

function template(url: string): string {
  return url.replace(/^https?:\/\/[^/]+/, '').replace(/^\/api\/v3/, '').replace(/\?.*$/, '');
}

function shape(operation: string): string {
  return operation.replace(/\{[^}]+\}/g, '{}');
}

function ajvWith(schemas: Readonly<Record<string, string>>): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  for (const [name, schema] of Object.entries(schemas)) ajv.addSchema(rooted(schema), name);
  return ajv;
}

/**
 * References name schemas by their place in the document; here each is a document of its own. Where GitHub's alternatives
 * overlap, so that a true answer is two of them at once, one is enough.
 */
function rooted(schema: string): object {
  return JSON.parse(schema.replaceAll(/"#\/components\/schemas\/([^"]+)"/g, '"$1#"').replaceAll('"oneOf":', '"anyOf":')) as object;
}

function restValidator(key: string, schema: string): ValidateFunction {
  return compile(restAjv, key, rooted(schema));
}

function webhookValidator(event: string, schema: string): ValidateFunction {
  return compile(webhookAjv, event, rooted(schema));
}

function errorValidator(): ValidateFunction {
  return compile(restAjv, 'an error', { type: 'object', required: ['message', 'documentation_url'], properties: { message: { type: 'string' } } });
}

function compile(ajv: Ajv, key: string, schema: object): ValidateFunction {
  const known = validators.get(key);
  if (known) return known;
  const made = ajv.compile(schema);
  validators.set(key, made);
  return made;
}

function assertValid(what: string, validate: ValidateFunction, data: unknown): void {
  if (validate(data)) return;
  const faults = (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`);
  throw new Error(`${what} is not as GitHub describes it:\n${[...new Set(faults)].slice(0, 25).join('\n')}`);
}
