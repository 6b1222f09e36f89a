import { randomInt } from 'node:crypto';
import { Failure } from '../setup/failure.mjs';
import { bold, cyan, dim, say } from '../setup/terminal.mjs';
import { ApiClient } from './api-client.mjs';
import { followRun } from './follow-run.mjs';
import { eventPrinter } from './print-event.mjs';
import { tryLinks } from './try-links.mjs';

const ACTION = 'deploy_python_flask_app';
const BLUEPRINT = 'service';
const WITHIN_MS = 150_000;

/** Runs the main job once through the public API, its log in the terminal, and tries what came of it. Throws if any of it fails. */
export async function sampleRun(demo) {
  const inputs = freshInputs();
  introduce();
  say(`${bold(`Deploying ${inputs.app_name}`)} through POST ${demo.url}/v1/actions/${ACTION}/runs`);
  const api = await ApiClient.signIn(demo);
  const { id } = await api.requestRun(ACTION, inputs);
  const resources = await followToSuccess(api, id);
  say();
  say(bold('Trying what it made'));
  await tryLinks({ resources, sandbox: demo.sandbox, schema: inputs.db_name });
  printLinks(demo, await api.entity(BLUEPRINT, inputs.app_name), id);
  explain(inputs);
}

function introduce() {
  say();
  say('Slipway makes a whole service out of one request. Here a developer asks for a Python Flask service with a MySQL');
  say('database; each line below is something that Slipway does at GitHub, Kubernetes, Argo CD or Akeyless, or waits for.');
  say();
}

/** A name of its own for each run, since all of them stay. A database name is no DNS label: it has no dash. */
function freshInputs() {
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
  const suffix = Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('');
  const name = `shop-${suffix}`;
  return { app_name: name, repo_name: name, namespace: name, db_name: `shop${suffix}` };
}

/** Answers the resources that the run has made, by kind. */
async function followToSuccess(api, id) {
  const print = eventPrinter();
  const resources = new Map();
  await followRun(api, id, (event) => {
    print(event);
    if (event.type === 'resource') resources.set(event.resource.kind, event.resource);
  }, { withinMs: WITHIN_MS });
  const run = await api.run(id);
  if (run.status === 'SUCCESS') return resources;
  throw new Failure('SAMPLE_RUN_FAILED', `Run ${id} ended as ${run.statusLabel}: ${run.failure?.message ?? 'no reason was given'}`, {
    advice: run.failure?.advice ?? 'See the log above, and logs/worker-1.log and logs/worker-2.log in the data folder.',
  });
}

function printLinks(demo, entity, runId) {
  say();
  say(bold(`${entity.title || entity.identifier} is ready`));
  for (const { title, url } of entity.links ?? []) say(`  ${title.padEnd(34)} ${cyan(url)}`);
  say(`  ${'Its run in the portal'.padEnd(34)} ${cyan(`${demo.url}/runs/${runId}`)}`);
}

function explain({ app_name, repo_name, namespace, db_name }) {
  say();
  say(bold('What happened'));
  say(`  One request made the repository ${repo_name}, whose first commit is now running in the namespace ${namespace} beside a`);
  say(`  MySQL of its own with the database ${db_name}. Nobody typed, saw or stored a password: the administrator's was made in the`);
  say('  cluster, and what the service logs in with is issued by Akeyless, for this service alone, and lives for an hour.');
  say(`  A second request, delete_service for ${app_name}, takes all of it away again.`);
  say(dim('  PostgreSQL, Redis, git and the database server are real. GitHub, Kubernetes, Argo CD and Akeyless are stand-ins on this'));
  say(dim('  machine, met over the wire by the clients that production uses: see apps/sandbox/README.md.'));
}
