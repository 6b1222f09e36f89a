import { rmSync } from 'node:fs';
import path from 'node:path';
import { Failure } from '../setup/failure.mjs';
import { launcher, whenInterrupted } from '../setup/interruption.mjs';
import { say, yellow } from '../setup/terminal.mjs';
import { tryLock } from './folder-lock.mjs';
import { isAlive, terminate } from './process-identity.mjs';
import { ProcessRegister } from './process-register.mjs';
import { SupervisedService } from './supervised-service.mjs';

/** Everything that runs on one data folder, and the hold on that folder. */
export class Instance {
  #lock;
  #register;
  #services = [];
  #onChange = () => {};
  #forgetInterruption;
  #closed = false;
  #released = false;

  constructor(home, lock) {
    this.home = home;
    this.#lock = lock;
    this.#register = new ProcessRegister(home);
  }

  /** Takes the data folder, or throws a Failure naming who has it; then ends what a killed instance left running. */
  static async open(home) {
    const instance = new Instance(home, await hold(home));
    instance.#forgetInterruption = whenInterrupted((how) => instance.close(how));
    rmSync(path.join(home, 'demo.json'), { force: true });
    const left = await instance.#register.stopLeftovers();
    if (left.length > 0) say(`${yellow('!')} Stopped what an earlier run left behind: ${left.join(', ')}`);
    return instance;
  }

  /** What a second instance is told about this one. */
  describe(facts) {
    this.#lock.describe({ launcher: launcher(), ...facts });
  }

  /** Hears of every process that came or went, with the current processes. */
  onChange(listener) {
    this.#onChange = listener;
  }

  /** Starts services at the same time and keeps them running; answers when all are ready. */
  async start(...services) {
    if (this.#closed) throw new Failure('STOPPED', 'Everything is being stopped.');
    const added = services.map((service) => new SupervisedService(service, {
      home: this.home,
      observe: (event) => this.#observe(event),
    }));
    this.#services.push(added);
    await Promise.all(added.map((service) => service.start()));
  }

  /** The process of each running service whose name is `kind` or begins with `kind-`. */
  pids(kind) {
    return this.#services.flat()
      .filter(({ name }) => name === kind || name.startsWith(`${kind}-`))
      .flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  /** Ends the services, last started first, and gives the data folder back. */
  async close({ atOnce = false } = {}) {
    this.#closed = true;
    this.#onChange = () => {};
    rmSync(path.join(this.home, 'demo.json'), { force: true });
    for (const together of [...this.#services].reverse()) {
      await Promise.all(together.map((service) => service.stop({ atOnce })));
    }
    this.#forgetInterruption?.();
    if (this.#released) return;
    this.#released = true;
    this.#register.clear();
    this.#lock.release();
  }

  #observe({ type, name, pid, reason }) {
    if (type === 'spawned') this.#register.record(name, pid);
    if (type === 'lost') say(`${yellow('!')} ${name} (process ${pid}) ended by itself: ${reason}. Starting it again.`);
    if (type === 'failed') say(`${yellow('!')} ${name} did not come back: ${reason}. Trying again.`);
    if (type === 'ready') this.#onChange(name);
  }
}

/** Does `work(instance)` with the data folder held, and ends everything afterwards. */
export async function withInstance(home, work) {
  const instance = await Instance.open(home);
  try {
    return await work(instance);
  } finally {
    await instance.close();
  }
}

async function hold(home) {
  const folder = path.join(home, 'run');
  for (;;) {
    const lock = tryLock(folder, { launcher: launcher() });
    if (lock.held) return lock;
    const { holder } = lock;
    if (!holder.launcher || isAlive(holder.launcher)) throw inUse(home, holder);
    say(`${yellow('!')} Process ${holder.pid} still holds ${home}, but the npm that started it was killed: ending it first.`);
    await terminate(holder, { graceMs: 25_000 });
  }
}

function inUse(home, { pid, url }) {
  return new Failure('ALREADY_RUNNING', `Slipway already runs on this data folder: process ${pid}, folder ${home}${url ? `, ${url}` : ''}.`, {
    advice: `Stop it (Ctrl-C in its terminal, or \`kill ${pid}\`), or start this one on a folder of its own: \`SLIPWAY_HOME=/other/folder PORT=3100 npm start\`.`,
  });
}
