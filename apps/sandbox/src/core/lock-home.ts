import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Claims the data folder for this process, until it ends in whatever way: the lock is the operating system's, so that a killed
 * sandbox leaves none behind.
 *
 * @throws Error naming the folder where another sandbox runs in it.
 */
export function lockHome(home: string): { release(): void } {
  mkdirSync(home, { recursive: true });
  const lock = new DatabaseSync(join(home, 'sandbox.lock'));
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw new Error(`Another sandbox already runs in ${home}. Stop it, or set SANDBOX_HOME to another folder.`, { cause: error });
  }
  return { release: () => lock.close() };
}
