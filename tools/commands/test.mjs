import { neededPrograms } from '../run/needed-programs.mjs';
import { Failure } from '../setup/failure.mjs';
import { CHROMIUM } from '../setup/chromium-program.mjs';
import { isInterrupted } from '../setup/interruption.mjs';
import { prepareCheckout } from '../setup/prepare-checkout.mjs';
import { reportFailure } from '../setup/report-failure.mjs';
import { refuseWithoutPrograms } from '../setup/system-package.mjs';
import { say } from '../setup/terminal.mjs';
import { closingLine } from '../test/closing-line.mjs';

/** `npm test [-- PATTERN]`: everything set up, all tests passed; its last line says how many. */
export async function run(args) {
  const counts = await passTests(args).catch((error) => {
    if (!isInterrupted()) reportFailure(error);
    return { passed: 0, failed: 1, skipped: 0 };
  });
  say();
  say(closingLine(counts));
  return counts.failed === 0 ? 0 : 1;
}

async function passTests(args) {
  refuseWithoutPrograms([...neededPrograms(), CHROMIUM]);
  await prepareCheckout();
  const { ensureChromiumProgram } = await import('../setup/chromium-program.mjs');
  const { ensurePythonProgram } = await import('../setup/python-program.mjs');
  const { prepareSandboxPrograms } = await import('../run/sandbox-programs.mjs');
  const { withScratch } = await import('../run/scratch.mjs');
  const { serviceAccount } = await import('../run/service-account.mjs');
  const { runJest } = await import('../test/run-jest.mjs');
  const { withSecondTry } = await import('../test/second-try.mjs');
  const { withTestStores } = await import('../test/test-stores.mjs');
  const chromium = await ensureChromiumProgram();
  const python = await ensurePythonProgram();
  await prepareSandboxPrograms();
  const account = serviceAccount();
  return withTestStores(({ home, databaseUrl, redisUrl }) => withScratch(home, scratchBytes, async (scratch) => {
    const options = {
      home,
      env: {
        TMPDIR: scratch,
        DATABASE_URL: databaseUrl,
        REDIS_URL: redisUrl,
        SLIPWAY_CHROMIUM: chromium,
        SLIPWAY_PYTHON: python ?? '',
        ...(account ? { SLIPWAY_RUN_AS: account.name } : {}),
      },
    };
    const counts = await runJest(args, options);
    if (counts.passed + counts.failed === 0) throw noTest(args);
    return process.env.CI && args.length === 0 ? withSecondTry(counts, options) : counts;
  }));
}

/** Seven times what was ever seen to lie there. */
const scratchBytes = 2 * 2 ** 30;

function noTest(args) {
  return new Failure('NO_TEST', `No test matches ${args.join(' ') || 'the configuration'}.`, { advice: 'Name a part of a test file\'s path.' });
}
