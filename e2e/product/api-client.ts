import { z } from 'zod';
import { until } from './until.js';

const Run = z.object({
  id: z.string(),
  status: z.string(),
  statusLabel: z.string(),
  failure: z.object({ code: z.string(), message: z.string(), remedy: z.string().optional() }).nullable(),
  updatedAt: z.iso.datetime(),
  steps: z.array(
    z.object({ id: z.string(), status: z.string(), attempt: z.number(), startedAt: z.iso.datetime().nullable(), endedAt: z.iso.datetime().nullable() }),
  ),
});
export type Run = z.infer<typeof Run>;

const Entity = z.object({
  identifier: z.string(),
  status: z.string(),
  properties: z.record(z.string(), z.unknown()),
  links: z.array(z.object({ kind: z.string(), title: z.string(), url: z.string() })),
});
export type Entity = z.infer<typeof Entity>;

export interface HistoryEvent {
  seq: number;
  type: string;
  line?: number;
  message?: string;
}

export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

/** The public doors, as a script would use them. */
export class ApiClient {
  private constructor(
    readonly url: string,
    private readonly token: string,
  ) {}

  static async signIn({ url, clientId, clientSecret }: { url: string; clientId: string; clientSecret: string }): Promise<ApiClient> {
    const response = await fetch(`${url}/v1/auth/access_token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ clientId, clientSecret }),
    });
    const { accessToken } = z.object({ accessToken: z.string() }).parse(await response.json());
    return new ApiClient(url, accessToken);
  }

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text ? JSON.parse(text) : {}) as Record<string, unknown> };
  }

  /** Asks for a run and expects it to be accepted. */
  async request(action: string, properties: Record<string, unknown>, entity?: string): Promise<string> {
    const answer = await this.call('POST', `/v1/actions/${action}/runs`, { properties, ...(entity ? { entity } : {}) });
    if (answer.status !== 202) throw new Error(`${action} was not accepted: ${answer.status} ${JSON.stringify(answer.body)}`);
    return Run.parse(answer.body['run']).id;
  }

  async run(id: string): Promise<Run> {
    return Run.parse((await this.call('GET', `/v1/actions/runs/${id}`)).body['run']);
  }

  /** Waits until the run has ended. */
  async ended(id: string, withinMs = 120_000): Promise<Run> {
    let last: Run | undefined;
    const look = async (): Promise<Run | false> => {
      last = await this.run(id);
      return ['SUCCEEDED', 'FAILED', 'CANCELLED', 'DECLINED'].includes(last.statusLabel) && last;
    };
    return until(`run ${id} has ended`, look, withinMs).catch((error: unknown) => {
      throw new Error(`${String(error)} It is ${JSON.stringify(last)}`);
    });
  }

  /** Asks for another try, and waits until that has ended, too. */
  async retried(id: string, withinMs?: number): Promise<Run> {
    const { updatedAt } = await this.run(id);
    const answer = await this.call('POST', `/v1/actions/runs/${id}/retry`);
    if (answer.status !== 202) throw new Error(`The retry of ${id} was refused: ${answer.status} ${JSON.stringify(answer.body)}`);
    await until(`run ${id} goes on`, async () => (await this.run(id)).updatedAt !== updatedAt);
    return this.ended(id, withinMs);
  }

  async entity(identifier: string): Promise<Entity | null> {
    const answer = await this.call('GET', `/v1/blueprints/service/entities/${identifier}`);
    return answer.status === 404 ? null : Entity.parse(answer.body['entity']);
  }

  async graphql(query: string, variables: Record<string, unknown>): Promise<Record<string, unknown>> {
    return (await this.call('POST', '/graphql', { query, variables })).body;
  }

  /** Reads the live history to its end, from after `lastEventId`. */
  async events(runId: string, lastEventId = 0): Promise<HistoryEvent[]> {
    const response = await fetch(`${this.url}/v1/actions/runs/${runId}/events`, {
      headers: { authorization: `Bearer ${this.token}`, 'last-event-id': String(lastEventId) },
    });
    return (await response.text())
      .split('\n\n')
      .filter((block) => block.includes('data:'))
      .map((block) => ({ ...(JSON.parse(field(block, 'data')) as HistoryEvent), seq: Number(field(block, 'id')), type: field(block, 'event') }));
  }
}

function field(block: string, name: string): string {
  return block.split('\n').find((line) => line.startsWith(`${name}:`))?.slice(name.length + 1).trim() ?? '';
}
