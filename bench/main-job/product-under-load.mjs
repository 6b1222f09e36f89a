import { setTimeout as pause } from 'node:timers/promises';
import { ApiClient } from '../../tools/demo/api-client.mjs';
import { followRun } from '../../tools/demo/follow-run.mjs';

const SYSTEMS = ['github', 'akeyless', 'argocd', 'kubernetes'];
const WITHIN_MS = 200_000;

/** The product by its public API, and the sandbox behind it by its control door. */
export class ProductUnderLoad {
  #api;
  #control;
  #processes;

  constructor(api, { sandbox: { control }, processes }) {
    this.#api = api;
    this.#control = control;
    this.#processes = processes;
  }

  static async of(demo) {
    return new ProductUnderLoad(await ApiClient.signIn(demo), demo);
  }

  /** For each kind of process, those that run. */
  pids(kinds) {
    return kinds.map((kind) => this.#processes[kind]);
  }

  /** Makes one app; answers its run, and how long it took from the request to the news of its end. */
  async deploy(name, action = 'deploy_python_flask_app') {
    const begun = performance.now();
    const { id } = await this.#api.requestRun(action, { app_name: name, repo_name: name, namespace: name, db_name: name });
    const status = await followRun(this.#api, id, () => {}, { withinMs: WITHIN_MS });
    const seconds = (performance.now() - begun) / 1_000;
    const run = await this.#api.run(id);
    if (status !== 'SUCCEEDED') throw new Error(`Run ${id} ended ${status}: ${run.failure?.message}. The figure would mean nothing.`);
    return { run, seconds };
  }

  /** What the run of the app asked of the stand-ins meanwhile; nothing else may be going on. */
  async requestsOf(work) {
    const last = (await this.#ask('GET', '/requests')).at(-1)?.id ?? 0;
    const result = await work();
    // A call that ends with the run may still be on its way into the log.
    await pause(500);
    return { result, requests: (await this.#ask('GET', '/requests')).filter(({ id }) => id > last) };
  }

  /** Before each answer of each stand-in. */
  async setLatency(ms) {
    await this.#ask('PUT', '/latency', Object.fromEntries(SYSTEMS.map((system) => [system, ms])));
  }

  async setFaults(faults) {
    await this.#ask('PUT', '/faults', faults);
  }

  async #ask(method, path, body) {
    const response = await fetch(this.#control + path, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} of the sandbox answered ${response.status}: ${await response.text()}`);
    return response.json();
  }
}
