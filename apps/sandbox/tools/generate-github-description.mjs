/**
 * Makes src/github/description/*.generated.ts from GitHub's own published descriptions: what the stand-in checks requests
 * against, and what its tests check answers and webhooks against. The packages hold 400 MB, so that nobody installs them
 * for a test run; this takes them from the registry, once, when github-operations.txt or the versions below change:
 *
 *   node apps/sandbox/tools/generate-github-description.mjs
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const REST = '@octokit/openapi@23.0.2';
const WEBHOOKS = '@octokit/openapi-webhooks@12.1.0';
const EVENTS = ['check-run-completed', 'check-run-created', 'check-suite-completed', 'create', 'delete', 'package-published', 'ping', 'pull-request-closed', 'pull-request-edited', 'pull-request-opened',
  'pull-request-reopened', 'pull-request-synchronize', 'push', 'registry-package-published', 'release-created', 'release-deleted', 'release-published',
  'release-released', 'repository-archived', 'repository-created',
  'repository-deleted', 'repository-edited', 'repository-privatized', 'repository-publicized', 'repository-renamed',
  'repository-transferred', 'repository-unarchived', 'workflow-dispatch', 'workflow-job-completed', 'workflow-job-in-progress', 'workflow-job-queued',
  'workflow-run-completed', 'workflow-run-in-progress', 'workflow-run-requested'];
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
/** What says nothing about whether a value is right. */
const PROSE = new Set(['description', 'example', 'examples', 'externalDocs', 'deprecated', 'title', 'x-github-breaking-changes']);

const folder = path.join(import.meta.dirname, '../src/github/description');
const operations = readFileSync(path.join(import.meta.dirname, 'github-operations.txt'), 'utf8').split('\n').filter(Boolean);

const scratch = mkdtempSync(path.join(tmpdir(), 'github-description-'));
try {
  const rest = take(REST);
  const all = Object.entries(rest.paths).flatMap(([url, item]) => METHODS.filter((method) => item[method]).map((method) => `${method.toUpperCase()} ${url}`));
  const operationOf = (operation) => {
    const [method, url] = operation.split(' ');
    const found = rest.paths[url]?.[method.toLowerCase()];
    // Undocumented, yet where a rename's redirect leads.
    if (!found && url !== '/repositories/{repository_id}') throw new Error(`GitHub describes no ${operation}.`);
    return found;
  };
  const requests = {};
  const responses = {};
  for (const operation of operations) {
    const described = operationOf(operation);
    if (!described) continue;
    const body = described.requestBody?.content?.['application/json']?.schema;
    if (body) requests[operation] = closed(bare(inline(body, rest)));
    for (const [status, response] of Object.entries(described.responses)) {
      const content = resolve(response, rest).content;
      const schema = content?.['application/json']?.schema ?? content?.['application/scim+json']?.schema;
      responses[`${operation} ${status}`] = schema ? bare(schema) : null;
    }
  }
  write('requests', REST, [
    constant('described', 'Every operation that GitHub describes, one a line.', JSON.stringify(all.join('\n'))),
    constant('requestBodies', 'JSON schemas of the bodies that the implemented operations take.', table(requests)),
  ]);
  const webhooks = take(WEBHOOKS);
  const payloads = Object.fromEntries(EVENTS.map((event) => [event, bare(payloadOf(webhooks, event))]));
  write('answers', `${REST} and ${WEBHOOKS}`, [
    constant('responses', 'By operation and status; null where there is no body.', table(responses)),
    constant('responseSchemas', 'What the responses refer to.', table(referred(Object.values(responses), rest))),
    constant('payloads', 'By event and action.', table(payloads)),
    constant('payloadSchemas', 'What the payloads refer to.', table(referred(Object.values(payloads), webhooks))),
  ]);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function take(name) {
  const archive = execFileSync('npm', ['pack', '--silent', name], { cwd: scratch, encoding: 'utf8' }).trim();
  const file = 'package/generated/api.github.com.json';
  execFileSync('tar', ['xzf', archive, file], { cwd: scratch });
  return JSON.parse(readFileSync(path.join(scratch, file), 'utf8'));
}

function payloadOf(webhooks, event) {
  const found = webhooks.webhooks[event];
  if (!found) throw new Error(`GitHub describes no webhook ${event}.`);
  return found.post.requestBody.content['application/json'].schema;
}

function resolve(value, document) {
  if (!value.$ref) return value;
  return resolve(value.$ref.slice(2).split('/').reduce((place, key) => place[key], document), document);
}

/** Without references: request bodies are small and do not repeat themselves. */
function inline(value, document) {
  if (Array.isArray(value)) return value.map((item) => inline(item, document));
  if (typeof value !== 'object' || value === null) return value;
  const { $ref, ...own } = value;
  return Object.fromEntries(Object.entries($ref ? resolve(value, document) : own).map(([key, field]) => [key, inline(field, document)]));
}

/** Without prose, and with OpenAPI's `nullable` said as JSON Schema says it. Below `properties` every key is a name. */
function bare(value, names = false) {
  if (Array.isArray(value)) return value.map((item) => bare(item));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => names || !PROSE.has(key));
  const made = Object.fromEntries(kept.map(([key, field]) => [key, key === 'enum' || key === 'default' ? field : bare(field, !names && key === 'properties')]));
  return names || made.nullable === undefined ? made : orNull(made);
}

function orNull({ nullable, ...schema }) {
  if (!nullable) return schema;
  if (typeof schema.type !== 'string') return { anyOf: [schema, { type: 'null' }] };
  return { ...schema, type: [schema.type, 'null'], ...(schema.enum && { enum: [...new Set([...schema.enum, null])] }) };
}

/** An object whose properties are listed has no others: a stand-in that overlooks a misspelt field hides a mistake. */
function closed(value, names = false) {
  if (Array.isArray(value)) return value.map((item) => closed(item));
  if (typeof value !== 'object' || value === null) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([key, field]) => [key, closed(field, !names && key === 'properties')]));
  const open = names || !value.properties || value.additionalProperties !== undefined;
  return open ? inner : { ...inner, additionalProperties: false };
}

function referred(schemas, document) {
  const found = {};
  const queue = [...schemas];
  while (queue.length > 0) {
    for (const [, name] of JSON.stringify(queue.pop()).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (found[name]) continue;
      found[name] = bare(document.components.schemas[name]);
      queue.push(found[name]);
    }
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A line each, read only when used: most are not, in most runs. */
function table(schemas) {
  const lines = Object.entries(schemas).map(([name, schema]) => `  ${JSON.stringify(name)}: ${quote(JSON.stringify(schema))},`);
  return `{\n${lines.join('\n')}\n}`;
}

function quote(text) {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function constant(name, comment, value) {
  const type = value.startsWith('{') ? ': Readonly<Record<string, string>>' : '';
  return `/** ${comment} */\nexport const ${name}${type} = ${value};\n`;
}

function write(name, source, parts) {
  const head = `// Made by tools/generate-github-description.mjs from ${source} (MIT, GitHub). Do not edit.\n`;
  writeFileSync(path.join(folder, `${name}.generated.ts`), `${head}\n${parts.join('\n')}`);
}
