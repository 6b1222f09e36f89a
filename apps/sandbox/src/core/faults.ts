import type { System } from '../stand-in.js';
import { FAULT_KINDS, type Fault, type RequestFault, type ThingFault } from './fault.js';
import { seededRandom } from './seeded-random.js';

/** What of a request a fault is matched by. `body` is known only once it has been read. */
export interface Befallen {
  method: string;
  path: string;
  agent: string;
  body?: string;
}

interface Armed {
  readonly fault: Fault;
  readonly matches: RegExp;
  readonly agent: RegExp;
  readonly chance: () => number;
  spared: number;
  left: number;
}

/** Faults that PUT /faults switched on. They last as long as the process: a restarted sandbox behaves. */
export class Faults {
  #armed: Armed[] = [];

  /** Replaces all faults. */
  set(faults: readonly Fault[]): void {
    this.#armed = faults.map((fault) => ({
      fault,
      matches: globToPattern((FAULT_KINDS[fault.fault].of === 'request' ? fault.match.path : fault.match.name) ?? '**'),
      agent: globToPattern(fault.match.agent ?? '**'),
      chance: seededRandom(fault.seed),
      spared: 0,
      left: fault.times ?? Infinity,
    }));
  }

  list(): (Fault & { left: number | null })[] {
    return this.#armed.map(({ fault, left }) => ({ ...fault, left: left === Infinity ? null : left }));
  }

  /**
   * The fault that befalls this request, if any; counted as played. Asked twice: as the request begins, and for those matched by
   * a body once that is read.
   */
  drawForRequest(system: System, request: Befallen): (Fault & { fault: RequestFault }) | undefined {
    for (const armed of this.#armed) {
      const { fault } = armed;
      if (fault.system !== system || FAULT_KINDS[fault.fault].of !== 'request') continue;
      if (!matchesMethod(armed, request) || !matchesPath(armed, request.path) || !armed.agent.test(request.agent)) continue;
      if (!matchesBody(armed, request) || !draw(armed)) continue;
      return fault as Fault & { fault: RequestFault };
    }
    return undefined;
  }

  /** Whether any fault of the system is matched by a body. */
  lookAtBodies(system: System): boolean {
    return this.#armed.some(({ fault }) => fault.system === system && fault.match.body !== undefined);
  }

  /** For what happens once, such as one webhook or one revocation, by any name it goes by: the fault that befalls it; counted as played. */
  draw(system: System, kind: ThingFault, ...names: readonly string[]): Fault | undefined {
    return this.#of(system, kind, names).find(draw)?.fault;
  }

  /** For what lasts, such as a namespace that stays: the fault that is on; nothing is counted, no lots are drawn. */
  find(system: System, kind: ThingFault, name: string): Fault | undefined {
    return this.#of(system, kind, [name]).find(({ left }) => left > 0)?.fault;
  }

  isOn(system: System, kind: ThingFault, name: string): boolean {
    return this.find(system, kind, name) !== undefined;
  }

  #of(system: System, kind: ThingFault, names: readonly string[]): Armed[] {
    return this.#armed.filter(({ fault, matches }) => fault.system === system && fault.fault === kind && names.some((name) => matches.test(name)));
  }
}

function matchesMethod({ fault }: Armed, { method }: Befallen): boolean {
  const wanted = fault.match.method;
  return !wanted || wanted === '*' || wanted.toUpperCase() === method;
}

function matchesBody({ fault }: Armed, { body }: Befallen): boolean {
  if (fault.match.body === undefined) return body === undefined;
  return body !== undefined && body.includes(fault.match.body);
}

function matchesPath({ fault, matches }: Armed, path: string): boolean {
  if (matches.test(path)) return true;
  return fault.system === 'github' && path.startsWith('/api/v3/') && matches.test(path.slice('/api/v3'.length));
}

function draw(armed: Armed): boolean {
  if (armed.left === 0) return false;
  if (armed.spared < (armed.fault.after ?? 0)) {
    armed.spared += 1;
    return false;
  }
  if (armed.chance() >= armed.fault.probability) return false;
  armed.left -= 1;
  return true;
}

function globToPattern(glob: string): RegExp {
  const pattern = glob
    .split(/(\*+)/)
    .map((part) => (part.startsWith('**') ? '.*' : part === '*' ? '[^/]*' : RegExp.escape(part)))
    .join('');
  return new RegExp(`^${pattern}$`);
}
