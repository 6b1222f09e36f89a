import { globSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '../setup/folders.mjs';
import { isInterrupted } from '../setup/interruption.mjs';
import { prepareCheckout } from '../setup/prepare-checkout.mjs';
import { reportFailure } from '../setup/report-failure.mjs';
import { runCommand } from '../setup/run-command.mjs';
import { stage } from '../setup/stage.mjs';
import { green, red, say } from '../setup/terminal.mjs';

const CACHE = 'node_modules/.cache';

/** Two rows beside each other: none of them uses more than one core, and the first takes as long as the others together. */
const ROWS = [
  [
    { title: 'Lint', tool: 'eslint', args: ['.', '--max-warnings=0', '--cache', '--cache-strategy', 'content', '--cache-location', `${CACHE}/eslint/`] },
  ],
  [
    { title: 'Types', tool: 'tsc', args: ['--build', '--emitDeclarationOnly', '--pretty', 'false', ...projects()] },
    { title: 'Boundaries', tool: 'depcruise', args: ['--config', '.dependency-cruiser.mjs', '--output-type', 'err-long', 'apps', 'libs', 'tools'] },
    { title: 'Unused code', tool: 'knip', args: ['--no-progress', '--no-config-hints', '--config', 'tools/knip.json'] },
  ],
];

/** Every TypeScript project of the workspace, its tests included. */
function projects() {
  return ['apps/*', 'libs/*', 'libs/providers/*', 'e2e'].flatMap((place) => globSync(`${place}/tsconfig.json`, { cwd: repositoryRoot })).sort();
}

/** `npm run check`: all that can be said of the code without running it, and its migrations against the schema. */
export async function run() {
  await prepareCheckout({ withBuild: false });
  const failures = [];
  await Promise.all(ROWS.map(async (checks) => {
    for (const check of checks) await stage(check.title, () => pass(check)).catch((error) => failures.push(error));
  }));
  await checkMigrations().catch((error) => failures.push(error));
  if (isInterrupted()) return 130;
  for (const failure of failures) reportFailure(failure);
  say();
  say(failures.length === 0 ? green('Every check passed.') : red(`${failures.length} checks failed: ${failures.map(({ stage: title }) => title).join(', ')}`));
  return failures.length === 0 ? 0 : 1;
}

function pass({ title, tool, args }) {
  const name = title.toLowerCase().replace(' ', '-');
  return runCommand(`check-${name}`, path.join(repositoryRoot, 'node_modules/.bin', tool), args, {
    code: `${name.toUpperCase().replace('-', '_')}_FAILED`,
    advice: 'Correct what the lines above name.',
    tailLines: 200,
  });
}

async function checkMigrations() {
  const { withTestStores } = await import('../test/test-stores.mjs');
  await withTestStores(({ databaseUrl }) => stage('Migrations', async () => {
    await runCommand('check-migrations', process.execPath, [path.join(repositoryRoot, 'tools/prisma-migrate.mjs'), 'check'], {
      code: 'MIGRATIONS_FAILED',
      advice: 'Write the missing migration with `node tools/prisma-migrate.mjs create NAME`, DATABASE_URL naming a PostgreSQL to work on.',
      env: { ...process.env, DATABASE_URL: databaseUrl },
    });
  }), { redis: false });
}
