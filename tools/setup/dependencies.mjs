import { digestOfSources } from './fingerprint.mjs';
import { repositoryRoot } from './folders.mjs';
import { runCommand } from './run-command.mjs';
import { stage } from './stage.mjs';
import { unlessStamped } from './stamp.mjs';

/** `npm ci`, only where the lock file changed, another Node's packages are there, or the last one did not finish. */
export function installDependencies() {
  return stage('Dependencies', async (note) => {
    const installed = await unlessStamped('dependencies', fingerprint, () =>
      runCommand('setup-npm-ci', 'npm', ['ci', '--no-audit', '--no-fund'], {
        code: 'DEPENDENCIES_NOT_INSTALLED',
        advice: 'Check that the npm registry can be reached and that the disk has 2 GB free, and run the command again.',
        cwd: repositoryRoot,
        // The tests' reporter and the checks are development dependencies, whatever the environment says.
        env: { ...process.env, NODE_ENV: 'development', npm_config_omit: '' },
      }));
    note(installed ? 'installed' : 'unchanged');
  });
}

function fingerprint() {
  return [digestOfSources(['package-lock.json']), process.platform, process.arch, process.versions.modules].join(' ');
}
