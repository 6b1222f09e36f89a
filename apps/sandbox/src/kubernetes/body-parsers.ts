import type { FastifyInstance } from 'fastify';
import { load } from 'js-yaml';
import { badRequest } from './api-error.js';
import { PROTOBUF, readProtobuf } from './protobuf-body.js';

const JSON_TYPES = [
  'application/json',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];
const YAML_TYPES = ['application/yaml', 'application/apply-patch+yaml', 'application/apply-patch+cbor'];

/** Bodies become values; a type that is none of these is left for the operation to refuse in its own words. */
export function parseBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(JSON_TYPES, { parseAs: 'string' }, (_request, body, done) =>
    settle(done, () => readJson(String(body))),
  );
  app.addContentTypeParser(YAML_TYPES, { parseAs: 'string' }, (_request, body, done) =>
    settle(done, () => readYaml(String(body))),
  );
  app.addContentTypeParser(PROTOBUF, { parseAs: 'buffer' }, (_request, body, done) =>
    settle(done, () => (body.length === 0 ? undefined : readProtobuf(body as Buffer))),
  );
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

function settle(done: (error: Error | null, body?: unknown) => void, read: () => unknown): void {
  try {
    done(null, read());
  } catch (error) {
    done(error as Error);
  }
}

function readJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`the object provided is unrecognized (must be of type JSON): ${(error as Error).message}`);
  }
}

/** JSON is YAML, and what most clients send under the type of apply. */
function readYaml(text: string): unknown {
  try {
    return text.trimStart().startsWith('{') ? JSON.parse(text) : load(text);
  } catch (error) {
    throw badRequest(`error decoding YAML: ${(error as Error).message}`);
  }
}
