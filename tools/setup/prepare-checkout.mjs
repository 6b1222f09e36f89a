import { build } from './build.mjs';
import { installDependencies } from './dependencies.mjs';
import { generateCode } from './generate.mjs';
import { withSetupLock } from './setup-lock.mjs';

/** From a bare checkout to built programs. Safe to repeat, to interrupt and to start twice. */
export function prepareCheckout({ withBuild = true } = {}) {
  return withSetupLock(async () => {
    await installDependencies();
    await generateCode();
    if (withBuild) await build();
  });
}
