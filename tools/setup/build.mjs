import path from 'node:path';
import { digestOfOutputs, digestOfSources } from './fingerprint.mjs';
import { repositoryRoot } from './folders.mjs';
import { runCommand } from './run-command.mjs';
import { stage } from './stage.mjs';
import { unlessStamped } from './stamp.mjs';

const ROOTS = ['apps', 'libs'];
const SOURCES = [...ROOTS, 'prisma', 'package-lock.json', 'nx.json', 'tsconfig.base.json'];

/**
 * Builds every app and library: translated file by file, as the tests do it, their types left to `npm run check`, which
 * takes five times as long. Nx knows what changed; the stamp saves asking it when nothing did.
 */
export function build() {
  return stage('Build', async (note) => {
    const built = await unlessStamped('build', fingerprint, () =>
      runCommand('setup-build', path.join(repositoryRoot, 'node_modules/.bin/nx'), ['run-many', '--target', 'build', '--outputStyle', 'static'], {
        code: 'BUILD_FAILED',
        advice: 'Correct what the lines above name and run the command again.',
        env: { ...process.env, ...quietNx },
        tailLines: 120,
      }));
    note(built ? 'built' : 'unchanged');
  });
}

/** No background process that outlives the command, and nothing sent anywhere. */
const quietNx = {
  NX_DAEMON: 'false',
  NX_NO_CLOUD: 'true',
  NX_TUI: 'false',
  NX_INTERACTIVE: 'false',
  FORCE_COLOR: '0',
  NO_COLOR: '1',
};

function fingerprint() {
  return `${digestOfSources(SOURCES)} ${digestOfOutputs('dist', ROOTS)}`;
}
