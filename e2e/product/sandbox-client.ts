import { z } from 'zod';
import type { DemoFile } from './start-product.js';

/** What a stand-in can be told to do wrong. */
export interface Fault {
  system: 'github' | 'akeyless' | 'argocd' | 'kubernetes';
  match: { method: string; path: string };
  fault: string;
  status?: number;
  delayMs?: number;
  times?: number;
}

const State = z.record(z.string(), z.unknown());

/** The sandbox by its control door, and Akeyless and Kubernetes by theirs. */
export class SandboxClient {
  constructor(private readonly sandbox: DemoFile['sandbox']) {}

  /** What the stand-ins hold, without what only ever grows (the webhooks that were sent). */
  async holds(): Promise<Record<string, unknown>> {
    const state = State.parse(await this.control('GET', '/state'));
    const github = Object.entries(State.parse(state['github'])).filter(([name]) => name !== 'webhooksSent');
    return { ...state, github: Object.fromEntries(github) };
  }

  async setFaults(faults: Fault[]): Promise<void> {
    await this.control('PUT', '/faults', faults);
  }

  async clearFaults(): Promise<void> {
    await this.control('DELETE', '/faults');
  }

  /** Lets all clocks of the stand-ins go forward by an ISO 8601 duration. */
  async advance(duration: string): Promise<void> {
    await this.control('PUT', '/clock', { advance: duration });
  }

  /** A call to the Akeyless gateway, logged in as the demo's own access id. */
  async akeyless(path: string, body: Record<string, unknown>): Promise<unknown> {
    const { url, accessId, accessKey } = this.sandbox.akeyless;
    const login = { 'access-type': 'access_key', 'access-id': accessId, 'access-key': accessKey };
    const { token } = z.object({ token: z.string() }).parse(await post(`${url}/auth`, login));
    return post(`${url}${path}`, { ...body, token });
  }

  /** Revokes one issued credential, by the host that the gateway lists for it. */
  async giveBack(name: string, id: string): Promise<void> {
    const leases = z.array(z.object({ id: z.string(), host: z.string() })).parse(await this.akeyless('/dynamic-secret-tmp-creds-Get', { name }));
    const lease = leases.find((one) => one.id === id);
    if (!lease) throw new Error(`${name} has no lease ${id}.`);
    await this.akeyless('/dynamic-secret-tmp-creds-delete', { name, 'tmp-creds-id': id, host: lease.host });
  }

  private async control(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.sandbox.control}${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} of the sandbox answered ${response.status}: ${await response.text()}`);
    return response.status === 204 ? undefined : response.json();
  }
}

async function post(url: string, body: unknown): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
