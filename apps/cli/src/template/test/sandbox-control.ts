import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

const State = z.record(z.string(), z.unknown());
type State = z.infer<typeof State>;

/** For what the cluster's own controllers do a moment later: give every namespace its account, take the last pod away. */
const settledWithinMs = 10_000;
const lookEveryMs = 100;
const quietForLooks = 10;

/** The sandbox's control door. */
export class SandboxControl {
  private empty: State | undefined;

  constructor(private readonly url: string) {}

  /** Empties it, and waits until it is. */
  async reset(): Promise<void> {
    await this.call('POST', '/reset');
    if (this.empty) await this.differencesFromEmpty();
    else this.empty = await this.settled();
  }

  /** Faults with `times` that nothing has met: such a case says nothing about them. */
  async faultsNotMet(): Promise<string[]> {
    const armed = z.array(z.looseObject({ times: z.number().optional(), left: z.number().nullable() })).parse(await this.call('GET', '/faults'));
    return armed
      .filter(({ times, left }) => times !== undefined && left === times)
      .map(({ system, fault, match }) => `${String(system)} ${String(fault)} ${JSON.stringify(match)}`);
  }

  /** Where it still differs, after it had the time to settle, from how it was when it was emptied. */
  async differencesFromEmpty(): Promise<string[]> {
    const until = Date.now() + settledWithinMs;
    for (;;) {
      const found = differences(this.empty, await this.holds());
      if (found.length === 0 || Date.now() > until) return found;
      await pause(lookEveryMs);
    }
  }

  private async settled(): Promise<State> {
    let state = await this.holds();
    for (let same = 0; same < quietForLooks; same += 1) {
      await pause(lookEveryMs);
      const next = await this.holds();
      if (!isDeepStrictEqual(next, state)) same = 0;
      state = next;
    }
    return state;
  }

  setFaults(faults: readonly unknown[]): Promise<unknown> {
    return this.call('PUT', '/faults', faults);
  }

  /** What the stand-ins hold, without what only ever grows: the webhooks that were sent. */
  private async holds(): Promise<State> {
    const state = State.parse(await this.call('GET', '/state'));
    const github = Object.entries(State.parse(state['github'])).filter(([name]) => name !== 'webhooksSent');
    return { ...state, github: Object.fromEntries(github) };
  }

  private async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(new URL(path, this.url), {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`The sandbox refused ${method} ${path} (${answer.status}): ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}

/** Where two states differ, as `github.repositories: … instead of …`. */
function differences(before: unknown, after: unknown, at = ''): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isRecord(before) && isRecord(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => differences(before[key], after[key], at === '' ? key : `${at}.${key}`));
  }
  return [`${at}: ${shown(after)} instead of ${shown(before)}`];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
