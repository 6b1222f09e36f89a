import { findProgram, isExecutable } from './find-program.mjs';
import { stage } from './stage.mjs';
import { installSystemPackage } from './system-package.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge'];
const MAC_APPLICATIONS = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
export const CHROMIUM = {
  what: 'Chromium',
  isThere: () => find() !== undefined,
  apt: [['chromium'], ['chromium-browser']],
  brew: 'chromium',
  cask: true,
  advice: 'Install Chromium or Chrome (Debian, Ubuntu: `sudo apt-get install chromium`), or name one by SLIPWAY_CHROMIUM.',
};

/** The path of a browser for the tests, installed first where that is possible without asking. */
export function ensureChromiumProgram() {
  return stage('Chromium', async (note) => {
    if (!CHROMIUM.isThere()) await installSystemPackage(CHROMIUM);
    const program = find();
    note(program);
    return program;
  });
}

function find() {
  const named = process.env.SLIPWAY_CHROMIUM;
  if (named && isExecutable(named)) return named;
  return findProgram(...NAMES) ?? MAC_APPLICATIONS.find(isExecutable);
}
