#!/usr/bin/env node
// `npx slipway`: sets the checkout up where it is not, on any Node from 18 on, and hands over to the built command line.
// What the set-up says goes to standard error: standard output is the command's own, for machines to read.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { runOnRequiredNode } from '../../../tools/setup/runtime.mjs';

process.exitCode = await main(process.argv.slice(2));

async function main(args) {
  // Once: the newer Node that this may be started on anew finds everything in place.
  if (!process.env.SLIPWAY_PREPARED) {
    const prepared = await prepareCheckout();
    if (prepared !== 0) return prepared;
    process.env.SLIPWAY_PREPARED = '1';
  }
  const status = await runOnRequiredNode(fileURLToPath(import.meta.url), args);
  if (status !== undefined) return status;
  const { main: run } = await import('../dist/main.js');
  return run(args);
}

/** Stages that had nothing to do are no news. */
async function prepareCheckout() {
  const tools = fileURLToPath(new URL('../../../tools/slipway.mjs', import.meta.url));
  const child = spawn(process.execPath, [tools, 'prepare'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.endsWith('  unchanged')) process.stderr.write(`${line}\n`);
  }
  const [status] = await exited;
  return status ?? 1;
}
