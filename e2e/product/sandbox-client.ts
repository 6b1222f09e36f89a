import { z } from 'zod';
import type { DemoFile } from './start-product.js';

/** What a stand-in can be told to do wrong. */
export interface Fault {
  system: 'github' | 'akeyless' | 'argocd' | 'kubernetes';
  match: { method?: string; path?: string; agent?: string; body?: string };
  fault: string;
  status?: number;
  body?: unknown;
  delayMs?: number;
  after?: number;
  times?: number;
  probability?: number;
  seed?: number;
}

const LoggedRequest = z.object({
  id: z.number(),
  system: z.enum(['github', 'akeyless', 'argocd', 'kubernetes']),
  time: z.iso.datetime(),
  method: z.string(),
  path: z.string(),
  headers: z.record(z.string(), z.unknown()),
  body: z.unknown(),
  durationMs: z.number().nullable(),
  fault: z.string().optional(),
});
export type LoggedRequest = z.infer<typeof LoggedRequest>;

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

  /** Those that are switched on, and how often each will still be played. */
  async faults(): Promise<Array<{ match: Fault['match']; left: number | null }>> {
    const armed = z.object({ match: z.record(z.string(), z.string()), left: z.number().nullable() });
    return z.array(armed).parse(await this.control('GET', '/faults'));
  }

  async clearFaults(): Promise<void> {
    await this.control('DELETE', '/faults');
  }

  /** Lets all clocks of the stand-ins go forward by an ISO 8601 duration. */
  async advance(duration: string): Promise<void> {
    await this.control('PUT', '/clock', { advance: duration });
  }

  /** What was asked of the stand-ins by whom, oldest first; the last 2,000. */
  async requests(): Promise<LoggedRequest[]> {
    return z.array(LoggedRequest).parse(await this.control('GET', '/requests'));
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

export async function post(url: string, body: unknown): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
