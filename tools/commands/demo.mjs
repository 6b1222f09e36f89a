import { Failure } from '../setup/failure.mjs';
import { dataFolder } from '../setup/folders.mjs';
import { withInstance } from '../run/instance.mjs';
import { neededPrograms } from '../run/needed-programs.mjs';
import { usesSandbox } from '../run/settings.mjs';
import { prepareCheckout } from '../setup/prepare-checkout.mjs';
import { reportFailure } from '../setup/report-failure.mjs';
import { refuseWithoutPrograms } from '../setup/system-package.mjs';
import { green, say } from '../setup/terminal.mjs';
import { printReady, serve } from './start.mjs';

/** `npm run demo [-- --exit]`: everything served, and the main job done once; with `--exit` stopped again afterwards. */
export async function run(args) {
  const exits = readArguments(args);
  await withInstance(dataFolder(), async (instance) => {
    refuseWithoutPrograms(neededPrograms());
    await prepareCheckout();
    const { startPlatform } = await import('../run/platform.mjs');
    const { sampleRun } = await import('../demo/sample-run.mjs');
    const demo = await startPlatform(instance);
    return exits ? sampleRun(demo) : serveAfter(sampleRun, demo);
  });
  say();
  say(green('The run succeeded, every link was tried, and everything is stopped.'));
  return 0;
}

/** A sample run that failed is told and left standing, for a person to look at. */
async function serveAfter(sampleRun, demo) {
  let status = 0;
  try {
    await sampleRun(demo);
  } catch (error) {
    reportFailure(error);
    status = 1;
  }
  printReady(demo);
  return serve(status);
}

function readArguments(args) {
  const unknown = args.find((arg) => arg !== '--exit');
  if (unknown !== undefined) {
    throw new Failure('WRONG_USE', `demo does not know ${JSON.stringify(unknown)}.`, { advice: 'Use `npm run demo` or `npm run demo -- --exit`.' });
  }
  if (process.env.SLIPWAY_CONFIG || !usesSandbox()) {
    throw new Failure('DEMO_NEEDS_SANDBOX', 'The demo runs against the sandbox, with a configuration of its own.', {
      advice: 'Unset SLIPWAY_CONFIG and SLIPWAY_SANDBOX, or use `npm start` for your own systems.',
    });
  }
  return args.includes('--exit');
}
