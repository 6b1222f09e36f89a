import { Failure } from '../setup/failure.mjs';
import { accessToken } from '../run/sign-in-link.mjs';

/** The public REST door, as any program outside uses it. */
export class ApiClient {
  #url;
  #token;

  constructor(url, token) {
    this.#url = url;
    this.#token = token;
  }

  static async signIn({ url, clientId, clientSecret }) {
    return new ApiClient(url, await accessToken({ url, clientId, clientSecret }));
  }

  async requestRun(action, properties) {
    return (await this.#json('POST', `/v1/actions/${action}/runs`, { properties })).run;
  }

  async run(id) {
    return (await this.#json('GET', `/v1/actions/runs/${id}`)).run;
  }

  async entity(blueprint, id) {
    return (await this.#json('GET', `/v1/blueprints/${blueprint}/entities/${id}`)).entity;
  }

  /** A run's events from after `lastEventId` on: the body of a Server-Sent Events response. */
  async events(runId, lastEventId, signal) {
    const headers = { accept: 'text/event-stream', ...(lastEventId ? { 'last-event-id': String(lastEventId) } : {}) };
    return (await this.#call('GET', `/v1/actions/runs/${runId}/events`, { headers, signal })).body;
  }

  async #json(method, path, body) {
    const response = await this.#call(method, path, {
      headers: body ? { 'content-type': 'application/json' } : {},
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    return response.json();
  }

  async #call(method, path, { headers, ...rest }) {
    const response = await fetch(this.#url + path, { method, headers: { authorization: `Bearer ${this.#token}`, ...headers }, ...rest });
    if (response.ok) return response;
    throw new Failure('API_REFUSED', `The api answered ${response.status} to ${method} ${path}: ${(await response.text()).slice(0, 500)}`, {
      advice: 'See logs/api.log in the data folder.',
    });
  }
}
