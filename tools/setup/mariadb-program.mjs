import { findProgram } from './find-program.mjs';
import { stage } from './stage.mjs';
import { installSystemPackage } from './system-package.mjs';

export const MARIADB = {
  what: 'MariaDB',
  isThere: () => Boolean(findProgram('mariadbd') && findProgram('mariadb-install-db')),
  // The first two have the programs without the service; older releases name them by version.
  apt: [['mariadb-server-core', 'mariadb-client-core'], ['mariadb-server']],
  units: ['mariadb'],
  brew: 'mariadb',
  advice: 'Install it (Debian, Ubuntu: `sudo apt-get install mariadb-server`; Fedora: `sudo dnf install mariadb-server`; '
    + 'macOS: `brew install mariadb`), or start without the sandbox: `SLIPWAY_SANDBOX=0 npm start`.',
};

/** Makes MariaDB present for the sandbox, which starts an instance of its own. */
export function ensureMariadbProgram() {
  return stage('MariaDB', async (note) => {
    if (!MARIADB.isThere()) await installSystemPackage(MARIADB);
    note(findProgram('mariadbd'));
  });
}
