import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../setup/folders.mjs';
import { identify, isAlive, terminate } from './process-identity.mjs';
import { writePrivateFile } from './secret-file.mjs';

/** The processes of an instance, written down as they start, so that the next start finds what a kill left running. */
export class ProcessRegister {
  #file;
  #processes = new Map();

  constructor(home) {
    this.#file = path.join(makeFolder(path.join(home, 'run')), 'processes.json');
  }

  record(name, pid) {
    this.#processes.set(name, { name, ...identify(pid) });
    this.#write();
  }

  clear() {
    this.#processes.clear();
    this.#write();
  }

  /** Stops what an earlier instance left running, all at the same time; answers their names. */
  async stopLeftovers() {
    const left = this.#read().filter(isAlive);
    await Promise.all(left.map((process) => terminate(process)));
    this.clear();
    return left.map(({ name }) => name);
  }

  #read() {
    if (!existsSync(this.#file)) return [];
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8'));
    } catch {
      return [];
    }
  }

  #write() {
    writePrivateFile(this.#file, JSON.stringify([...this.#processes.values()]));
  }
}
