import { withInstance } from '../run/instance.mjs';
import { neededPrograms } from '../run/needed-programs.mjs';
import { exitOnInterruptionWith } from '../setup/interruption.mjs';
import { dataFolder } from '../setup/folders.mjs';
import { prepareCheckout } from '../setup/prepare-checkout.mjs';
import { refuseWithoutPrograms } from '../setup/system-package.mjs';
import { bold, cyan, dim, say } from '../setup/terminal.mjs';

/** `npm start`: everything set up and served until it is stopped. */
export function run() {
  return withInstance(dataFolder(), async (instance) => {
    refuseWithoutPrograms(neededPrograms());
    await prepareCheckout();
    const { startPlatform } = await import('../run/platform.mjs');
    printReady(await startPlatform(instance));
    return serve();
  });
}

export function printReady({ url, signInUrl }) {
  say();
  say(`${bold('Slipway is ready')}  ${cyan(url)}`);
  if (signInUrl) say(`Sign in as a developer (this link works once): ${cyan(signInUrl)}`);
  say(dim(`Addresses and credentials: ${dataFolder()}/demo.json, logs: ${dataFolder()}/logs. Ctrl-C stops everything.`));
}

/** Until an interruption ends the process, with this status. */
export function serve(status = 0) {
  exitOnInterruptionWith(status);
  return new Promise(() => {});
}
