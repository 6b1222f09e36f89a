import { MARIADB } from '../setup/mariadb-program.mjs';
import { REDIS } from '../setup/redis-program.mjs';
import { usesSandbox } from './settings.mjs';

/** What the platform needs of the system, as it is configured now. */
export function neededPrograms() {
  return [...(process.env.REDIS_URL ? [] : [REDIS]), ...(usesSandbox() ? [MARIADB] : [])];
}
