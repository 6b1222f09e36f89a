#!/usr/bin/env node
// Prisma's migrations (`prisma migrate deploy`, `dev --create-only`, `diff`) without its native engine.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createMigration } from './migrations/create.mjs';
import { deployMigrations } from './migrations/deploy.mjs';
import { migrationsToSchema } from './migrations/difference.mjs';
import { resolveMigration } from './migrations/resolve.mjs';
import { Failure } from './setup/failure.mjs';
import { repositoryRoot } from './setup/folders.mjs';
import { reportFailure } from './setup/report-failure.mjs';

const USAGE = `Use: node tools/prisma-migrate.mjs COMMAND, with the database in DATABASE_URL
  deploy                              apply what the database has not seen
  create NAME                         write the migration that leads to schema.prisma
  check                               compare the migrations with schema.prisma
  resolve rolled-back|applied NAME    settle a migration that failed
Option: --folder PATH, with schema.prisma and migrations/ (prisma)`;

/** Exit status 0, 1 on failure, 2 where `check` found a difference. */
async function main(argv) {
  const { values, positionals: [command, ...args] } = parseArgs({ args: argv, allowPositionals: true, options: { folder: { type: 'string' } } });
  const place = { url: databaseUrl(), folder: path.resolve(values.folder ?? path.join(repositoryRoot, 'prisma')) };
  switch (command) {
    case 'deploy':
      return print(await deployMigrations(place).then(listed));
    case 'create':
      return print((await createMigration({ ...place, name: args[0] })) ?? 'Nothing to do: the migrations lead to schema.prisma.');
    case 'check': {
      const sql = await migrationsToSchema(place);
      return sql === undefined ? print('The migrations lead to schema.prisma.') : print(`The migrations lack:\n${sql}`, 2);
    }
    case 'resolve':
      if (!['rolled-back', 'applied'].includes(args[0]) || !args[1]) throw wrongUse();
      await resolveMigration({ ...place, how: args[0], name: args[1] });
      return print(`${args[1]} is marked as ${args[0]}.`);
    default:
      throw wrongUse();
  }
}

function databaseUrl() {
  if (process.env.DATABASE_URL) return process.env.DATABASE_URL;
  throw new Failure('DATABASE_URL_MISSING', 'DATABASE_URL is not set.', { advice: 'Set it to the database to migrate, postgresql://….' });
}

function listed(names) {
  return names.length === 0 ? 'Nothing to apply.' : `Applied ${names.join(', ')}.`;
}

function wrongUse() {
  return new Failure('WRONG_USE', 'This is no command of ours.', { advice: USAGE });
}

function print(text, status = 0) {
  console.log(text);
  return status;
}

async function statusOf(argv) {
  try {
    return await main(argv);
  } catch (error) {
    reportFailure(error);
    return 1;
  }
}

// The engine leaves a timer of ten seconds behind; there is nothing to wait for.
process.exit(await statusOf(process.argv.slice(2)));
