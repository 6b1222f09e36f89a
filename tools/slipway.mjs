#!/usr/bin/env node
// The one door to the commands of the root package.json. It and what it imports here must run on any Node from 18 on;
// the commands are loaded only once a new enough Node runs this file.
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Failure } from './setup/failure.mjs';
import { dataFolder } from './setup/folders.mjs';
import { isInterrupted, listenForInterruptions, rememberLauncher } from './setup/interruption.mjs';
import { reportFailure } from './setup/report-failure.mjs';
import { runOnRequiredNode } from './setup/runtime.mjs';

const COMMANDS = {
  demo: () => import('./commands/demo.mjs'),
  start: () => import('./commands/start.mjs'),
  sandbox: () => import('./commands/sandbox.mjs'),
  test: () => import('./commands/test.mjs'),
  faults: () => import('./commands/faults.mjs'),
  check: () => import('./commands/check.mjs'),
  bench: () => import('./commands/bench.mjs'),
  ci: () => import('./commands/ci.mjs'),
  prepare: () => import('./commands/prepare.mjs'),
};

async function main([command, ...args]) {
  if (!Object.hasOwn(COMMANDS, command ?? '')) {
    throw new Failure('UNKNOWN_COMMAND', `There is no command ${JSON.stringify(command ?? '')}.`, {
      advice: `Use one of: ${Object.keys(COMMANDS).join(', ')}.`,
    });
  }
  process.env.SLIPWAY_HOME = dataFolder();
  rememberLauncher();
  const status = await runOnRequiredNode(fileURLToPath(import.meta.url), [command, ...args]);
  if (status !== undefined) return status;
  listenForInterruptions();
  const { run } = await COMMANDS[command]();
  return run(args);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // What fails because it is being ended is no news; the interruption ends the process.
  if (!isInterrupted()) {
    reportFailure(error);
    process.exitCode = 1;
  }
}
