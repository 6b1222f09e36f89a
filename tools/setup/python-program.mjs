import { spawnSync } from 'node:child_process';
import { findProgram, isExecutable } from './find-program.mjs';
import { stage } from './stage.mjs';
import { installSystemPackage, isInstallable } from './system-package.mjs';

/** What the golden path's app and its tests import. */
const MODULES = ['flask', 'gunicorn', 'pymysql', 'pytest'];

const PYTHON = {
  what: 'Python',
  isThere: () => find() !== undefined,
  apt: [['python3-flask', 'python3-gunicorn', 'python3-pymysql', 'python3-pytest']],
  advice: `Install Python with ${MODULES.join(', ')}, or name one that has them by SLIPWAY_PYTHON.`,
};

/**
 * The path of a Python with what a generated app needs, installed first where that is possible without asking. Undefined
 * where it is not: the tests that need it are skipped then, and nothing else needs it.
 */
export function ensurePythonProgram() {
  return stage('Python', async (note) => {
    if (!PYTHON.isThere() && isInstallable(PYTHON)) await installSystemPackage(PYTHON);
    const program = find();
    note(program ?? `none with ${MODULES.join(', ')}: the tests of the golden path's app are skipped`);
    return program;
  });
}

/** Debian's own before whichever comes first on the path: packages of the system are seen by that one alone. */
function find() {
  const candidates = [process.env.SLIPWAY_PYTHON, '/usr/bin/python3', findProgram('python3')];
  return candidates.find((program) => program && isExecutable(program) && hasModules(program));
}

function hasModules(program) {
  const script = `import sys, importlib.util as u; sys.exit(sys.version_info < (3, 11) or any(u.find_spec(m) is None for m in ${JSON.stringify(MODULES)}))`;
  return spawnSync(program, ['-c', script]).status === 0;
}
