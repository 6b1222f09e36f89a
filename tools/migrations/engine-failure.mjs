import { Failure } from '../setup/failure.mjs';

const RESOLVE = 'correct its migration.sql, then `node tools/prisma-migrate.mjs resolve rolled-back NAME` and `deploy` again.';

/** Prisma's codes (its error reference) that a person meets here, and what to do about each. */
const ADVICE = {
  P3009: `An earlier migration failed: ${RESOLVE}`,
  P3005: 'This database holds tables that no migration made. Name an empty one by DATABASE_URL.',
};

/**
 * What the engine threw, as a Failure whose code is Prisma's own (P3009, …) where it names one, and P3018, as Prisma's
 * command line says it, where a migration's script failed. `scriptError` is what PostgreSQL said to that script.
 */
export function asMigrationFailure(error, scriptError) {
  if (error instanceof Failure) return error;
  const message = String(error?.message ?? error).trim();
  const name = /migration_name="([^"]+)"/.exec(message)?.[1];
  if (name && scriptError) {
    return new Failure('P3018', `Migration ${name} failed: ${scriptError.message}${placeOf(scriptError)}`, {
      advice: `Nothing of it was applied: ${RESOLVE.replace('NAME', name)}`,
      cause: error,
    });
  }
  const code = error?.code ?? /\b(P\d{4})\b/.exec(message)?.[1] ?? 'MIGRATION_FAILED';
  return new Failure(code, message, { advice: ADVICE[code] ?? 'See the message above; nothing else was done.', cause: error });
}

function placeOf({ position, hint }) {
  return `${position ? ` (at character ${position})` : ''}.${hint ? ` ${hint}` : ''}`;
}
