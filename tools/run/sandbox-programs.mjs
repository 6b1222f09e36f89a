import { Failure } from '../setup/failure.mjs';
import { findProgram } from '../setup/find-program.mjs';
import { ensureMariadbProgram } from '../setup/mariadb-program.mjs';

/** What the sandbox starts: MariaDB, and git for its repositories. */
export async function prepareSandboxPrograms() {
  if (!findProgram('git')) {
    throw new Failure('GIT_MISSING', 'git is not installed.', { advice: 'Install git and run the command again.' });
  }
  await ensureMariadbProgram();
}
