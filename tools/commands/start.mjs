import { exitOnInterruptionWith } from '../setup/interruption.mjs';
import { dataFolder } from '../setup/folders.mjs';
import { prepareCheckout } from '../setup/prepare-checkout.mjs';
import { bold, cyan, dim, say } from '../setup/terminal.mjs';

/** `npm start`: everything set up and served until it is stopped. */
export async function run() {
  await prepareCheckout();
  const { Instance } = await import('../run/instance.mjs');
  const { startPlatform } = await import('../run/platform.mjs');
  const instance = await Instance.open(dataFolder());
  try {
    printReady(await startPlatform(instance));
    return await serve();
  } finally {
    await instance.close();
  }
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
