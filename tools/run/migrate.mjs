import path from 'node:path';
import { dataFolder, repositoryRoot } from '../setup/folders.mjs';
import { runCommand, tailOf } from '../setup/run-command.mjs';
import { stage } from '../setup/stage.mjs';

/** Applies the migrations that the database at `url` has not seen. */
export function migrate(url) {
  return stage('Migrations', async (note) => {
    await runCommand('migrations', process.execPath, [path.join(repositoryRoot, 'tools/prisma-migrate.mjs'), 'deploy'], {
      code: 'MIGRATION_FAILED',
      advice: 'The lines above say which one, why, and what to do.',
      env: { ...process.env, DATABASE_URL: url },
    });
    note(tailOf(path.join(dataFolder(), 'logs/migrations.log'), 1) ?? '');
  });
}
