import path from 'node:path';
import { dataFolder } from '../setup/folders.mjs';
import { prepareCheckout } from '../setup/prepare-checkout.mjs';
import { stage } from '../setup/stage.mjs';
import { cyan, dim, say } from '../setup/terminal.mjs';
import { serve } from './start.mjs';

/** `npm run sandbox`: the stand-ins alone, for work on something that talks to them. */
export async function run() {
  await prepareCheckout();
  const { Instance } = await import('../run/instance.mjs');
  const { prepareSandbox } = await import('../run/sandbox.mjs');
  const { prepareSandboxPrograms } = await import('../run/sandbox-programs.mjs');
  const { serviceAccount } = await import('../run/service-account.mjs');
  const home = dataFolder();
  const instance = await Instance.open(home);
  try {
    await prepareSandboxPrograms();
    const sandbox = prepareSandbox({ home, account: serviceAccount() });
    await stage('Sandbox', () => instance.start(sandbox.service));
    printAddresses(sandbox.read(), path.join(home, 'sandbox/sandbox.json'));
    return await serve();
  } finally {
    await instance.close();
  }
}

function printAddresses({ github, akeyless, argocd, kubernetes, mysql, control }, file) {
  say();
  const addresses = [['GitHub', github.url], ['Akeyless', akeyless.url], ['Argo CD', argocd.url], ['Kubernetes', kubernetes.url],
    ['MariaDB', `${mysql.host}:${mysql.port}`], ['Control', control]];
  for (const [name, url] of addresses) say(`${name.padEnd(12)} ${cyan(url)}`);
  say();
  say(dim(`Credentials: ${file}. Ctrl-C stops everything.`));
}
