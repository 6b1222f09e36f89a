import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Runs a script that imports from this folder, as a command does: its output is a pipe, no terminal. */
function output(script, env = {}) {
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: path.join(import.meta.dirname), encoding: 'utf8', env: { ...process.env, FORCE_COLOR: '', ...env },
  });
  return stdout;
}

describe('a stage', () => {
  const home = mkdtempSync(path.join(tmpdir(), 'slipway-stage-'));
  afterAll(() => rmSync(home, { recursive: true }));

  it('is one line with its title, its time and what is worth saying', () => {
    const text = output(`
      import { stage } from './stage.mjs';
      await stage('Dependencies', async (note) => note('unchanged'));`);
    expect(text).toMatch(/^✓ Dependencies +0\.0 s {2}unchanged\n$/);
  });

  it('that fails says what failed, the end of its output, where all of it is, and what to do', () => {
    const text = output(`
      import { stage } from './stage.mjs';
      import { runCommand } from './run-command.mjs';
      import { reportFailure } from './report-failure.mjs';
      const failing = () => runCommand('failing', process.execPath, ['-e', 'console.log("the reason"); process.exit(4)'],
        { code: 'THING_FAILED', advice: 'Do the thing again.' });
      await stage('Thing', failing).catch(reportFailure);`, { SLIPWAY_HOME: home });
    expect(text).toMatch(/^✗ Thing +0\.\d s {2}THING_FAILED\n/);
    expect(text).toMatch(/THING_FAILED {2}in Thing\n`node .*` ended with 4\./);
    expect(text).toContain('│ the reason');
    expect(text).toMatch(/All of its output: \/.*\/logs\/failing\.log/);
    expect(text).toContain('What to do: Do the thing again.');
    expect(text).not.toContain('\u001b');
  });
});
