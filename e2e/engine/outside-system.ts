import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Place } from '@slipway/engine';

/** Where a worker of the bench has come to. */
export interface Reached extends Place {
  pid: number;
}

/** What the outside system is asked, and by which step of which run; removals name neither. */
export interface Call {
  method: string;
  path: string;
  pid: number;
  runId?: string;
  stepId?: string;
}

/** One stop: what comes there waits until it is released, or does not outlive it. */
export interface Stop<T> {
  /** The first that came, once it did. */
  reached: Promise<T>;
  /** How many came so far. */
  readonly count: number;
  /** Whoever is held, and whoever comes later, goes on. */
  release(): void;
}

type Answer = (response: ServerResponse) => void;

/**
 * The other side of every call that the workers make, in the test's own process. It keeps things by name, each with its
 * mark, and counts what took effect by idempotency key; and at its door the workers say which place they have reached.
 */
export class OutsideSystem {
  /** By name, with their mark. */
  readonly things = new Map<string, string>();
  /** How often something was created, by key. */
  readonly effects = new Map<string, number>();
  /** Creations refused since the thing was there: whoever asked had not looked, or looked too early. */
  refused = 0;
  /** What each run's report said. */
  readonly reports = new Map<string, string>();
  readonly calls: Call[] = [];
  /** Calls that nobody waited for any more, and since when. */
  readonly abandoned: Array<Call & { time: number }> = [];
  /** What each call takes. */
  answersAfterMs = 0;
  /** `outside:ready` waits while it is not. */
  isReady = true;
  /** Every place that a worker came to, and when. */
  readonly visits: Array<Reached & { time: number }> = [];
  private hang: { place: string; forMs: number } | null = null;
  private readonly held: Array<Stop<unknown>> = [];
  private stops: Array<{ matches: (reached: Reached) => boolean | Promise<boolean>; meet: (reached: Reached) => Promise<{ die: boolean }> }> = [];
  private late: Array<{ matches: (call: Call) => boolean; wait: (call: Call) => Promise<void> }> = [];
  private faults: Array<{ matches: (call: Call) => boolean; meet: (call: Call) => Promise<'answer' | 'silence'> }> = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => void this.serve(request, response).catch(() => response.destroy()));
  }

  static async open(): Promise<OutsideSystem> {
    // A worker that was held for long finds its connection as it left it.
    const server = createServer({ keepAliveTimeout: 60_000 }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new OutsideSystem(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as { port: number }).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** The first worker that comes to such a place is killed there. */
  killAt(matches: (reached: Reached) => boolean | Promise<boolean>): Promise<Reached> {
    const { promise, resolve } = Promise.withResolvers<Reached>();
    let killed = false;
    this.stops.push({
      matches: async (reached) => (await matches(reached)) && !killed && (killed = true),
      meet: async (reached) => (resolve(reached), { die: true }),
    });
    return promise;
  }

  /** Whoever comes to such a place waits there. */
  holdAt(matches: (reached: Reached) => boolean | Promise<boolean>): Stop<Reached> {
    const { stop, wait } = barrier<Reached>();
    this.held.push(stop);
    this.stops.push({ matches, meet: async (reached) => (await wait(reached), { die: false }) });
    return stop;
  }

  /** Such calls take effect and are not answered until released. */
  holdAnswers(matches: (call: Call) => boolean): Stop<Call> {
    const { stop, wait } = barrier<Call>();
    this.held.push(stop);
    this.faults.push({ matches, meet: async (call) => (await wait(call), 'answer') });
    return stop;
  }

  /** Such calls take effect only once released, whether anybody waits for them by then or not. */
  holdEffects(matches: (call: Call) => boolean): Stop<Call> {
    const { stop, wait } = barrier<Call>();
    this.held.push(stop);
    this.late.push({ matches, wait });
    return stop;
  }

  /** The first such call takes effect, and its answer gets lost. */
  loseAnswer(matches: (call: Call) => boolean): void {
    let lost = false;
    this.faults.push({ matches: (call) => !lost && matches(call), meet: async () => ((lost = true), 'silence') });
  }

  /** The next worker that asks how long it is to hang, before or after a creation, blocks its event loop for so long. */
  hangOnce(place: 'before' | 'after', forMs: number): void {
    this.hang = { place, forMs };
  }

  /** Nobody is stopped any more, and whoever was held goes on. */
  disarm(): void {
    this.stops = [];
    this.faults = [];
    this.late = [];
    for (const stop of this.held.splice(0)) stop.release();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    if (request.url === '/reached') return answer(response, await this.meet(body as unknown as Reached));
    const from = JSON.parse(String(request.headers['x-from'])) as Pick<Call, 'pid' | 'runId' | 'stepId'>;
    const call: Call = { method: request.method ?? '', path: decodeURIComponent(request.url ?? ''), ...from };
    this.calls.push(call);
    response.once('close', () => response.writableFinished || this.abandoned.push({ ...call, time: Date.now() }));
    await this.late.find(({ matches }) => matches(call))?.wait(call);
    const reply = this.carryOut(call, body);
    const fault = this.faults.find(({ matches }) => matches(call));
    if (this.answersAfterMs > 0) await pause(this.answersAfterMs);
    if ((await fault?.meet(call)) === 'silence') response.destroy();
    else reply(response);
  }

  private async meet(reached: Reached): Promise<{ die: boolean }> {
    this.visits.push({ ...reached, time: Date.now() });
    for (const stop of this.stops) if (await stop.matches(reached)) return stop.meet(reached);
    return { die: false };
  }

  private carryOut(call: Call, body: Record<string, string>): Answer {
    const [, what = '', name = ''] = call.path.split('/');
    const runId = call.runId ?? '';
    switch (`${call.method} ${what}`) {
      case 'GET things': {
        const mark = this.things.get(name);
        return (response) => answer(response, { thing: mark === undefined ? null : { mark } });
      }
      case 'POST things':
        return this.create(name, body);
      case 'DELETE things':
        this.things.delete(name);
        return (response) => answer(response, {});
      case 'POST reports':
        this.reports.set(runId, body['digest'] ?? '');
        return (response) => answer(response, {});
      case 'POST ready': {
        const { isReady } = this;
        return (response) => answer(response, { isReady });
      }
      case 'POST hang': {
        const forMs = this.hang?.place === name ? this.hang.forMs : 0;
        if (forMs > 0) this.hang = null;
        return (response) => answer(response, { forMs });
      }
      default:
        return (response) => answer(response, {}, 404);
    }
  }

  private create(name: string, { mark = '', key = '' }: Record<string, string>): Answer {
    if (this.things.has(name)) {
      this.refused += 1;
      return (response) => answer(response, {}, 409);
    }
    this.things.set(name, mark);
    this.effects.set(key, (this.effects.get(key) ?? 0) + 1);
    return (response) => answer(response, {});
  }
}

function barrier<T>(): { stop: Stop<T>; wait: (it: T) => Promise<void> } {
  const reached = Promise.withResolvers<T>();
  const released = Promise.withResolvers<void>();
  let count = 0;
  return {
    stop: {
      reached: reached.promise,
      get count() {
        return count;
      },
      release: () => released.resolve(),
    },
    wait: (it) => {
      count += 1;
      reached.resolve(it);
      return released.promise;
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, string>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>);
}

function answer(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
