import path from 'node:path';
import { withInstance } from '../run/instance.mjs';
import { prepareSandbox } from '../run/sandbox.mjs';
import { prepareSandboxPrograms } from '../run/sandbox-programs.mjs';
import { serviceAccount } from '../run/service-account.mjs';
import { dataFolder } from '../setup/folders.mjs';
import { MARIADB } from '../setup/mariadb-program.mjs';
import { prepareCheckout } from '../setup/prepare-checkout.mjs';
import { stage } from '../setup/stage.mjs';
import { refuseWithoutPrograms } from '../setup/system-package.mjs';
import { cyan, dim, say } from '../setup/terminal.mjs';
import { serve } from './start.mjs';

/** `npm run sandbox`: the stand-ins alone, for work on something that talks to them. */
export function run() {
  const home = dataFolder();
  return withInstance(home, async (instance) => {
    refuseWithoutPrograms([MARIADB]);
    await prepareCheckout();
    await prepareSandboxPrograms();
    const sandbox = prepareSandbox({ home, account: serviceAccount() });
    await stage('Sandbox', () => instance.start(sandbox.service));
    printAddresses(sandbox.read(), path.join(home, 'sandbox/sandbox.json'));
    return serve();
  });
}

function printAddresses({ github, akeyless, argocd, kubernetes, mysql, control }, file) {
  say();
  const addresses = [['GitHub', github.url], ['Akeyless', akeyless.url], ['Argo CD', argocd.url], ['Kubernetes', kubernetes.url],
    ['MariaDB', `${mysql.host}:${mysql.port}`], ['Control', control]];
  for (const [name, url] of addresses) say(`${name.padEnd(12)} ${cyan(url)}`);
  say();
  say(dim(`Credentials: ${file}. Ctrl-C stops everything.`));
}
