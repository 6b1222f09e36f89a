import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { withInstance } from '../../tools/run/instance.mjs';
import { startPlatform } from '../../tools/run/platform.mjs';
import { withScratch } from '../../tools/run/scratch.mjs';
import { writeVariants } from '../../tools/test/golden-path-variants.mjs';
import { ProductUnderLoad } from './product-under-load.mjs';

/** Nothing of ours holds calls back: neither GitHub's documented limits nor the bound of calls at the same time. */
export const withoutLimits = {
  integrations: { github: { throttle: false } },
  atOnce: { github: 100, kubernetes: 100, argocd: 100, akeyless: 100 },
};

/**
 * Does `work(product)` with the whole product as `npm start` brings it up, on stores of its own and with one worker alone. The
 * golden path's variants are among its actions; `settings` are laid over its configuration.
 */
export async function withProduct(settings, work) {
  const home = mkdtempSync(path.join(tmpdir(), 'slipway-bench-'));
  // Databases run as an ordinary user even where this is root: they must be able to enter.
  chmodSync(home, 0o711);
  const usual = tmpdir();
  try {
    await withScratch(home, scratchBytes, async (scratch) => {
      keepThere(home, scratch);
      Object.assign(process.env, { SLIPWAY_HOME: home, TMPDIR: scratch, SLIPWAY_OVERLAY: writeVariants(home, settings).overlay, SLIPWAY_WORKERS: '1' });
      await withInstance(home, async (instance) => work(await ProductUnderLoad.of(await startPlatform(instance))));
    });
  } finally {
    process.env.TMPDIR = usual;
    rmSync(home, { recursive: true });
  }
}

const scratchBytes = 2 ** 30;

/**
 * The worker's copies, as in the containers that are shipped, and what the stand-ins keep. PostgreSQL and Redis write to the disk.
 * Where making a file is slow for those that were just deleted, each round would slow the next: fifty apps make and delete some
 * thousands.
 */
function keepThere(home, scratch) {
  for (const name of ['work', 'sandbox']) {
    mkdirSync(path.join(scratch, name));
    symlinkSync(path.join(scratch, name), path.join(home, name));
  }
}
