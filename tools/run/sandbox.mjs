import { readFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../setup/folders.mjs';
import { nodeService } from './node-service.mjs';
import { serviceFolder } from './service-folder.mjs';

/** The stand-ins for GitHub, Akeyless, Argo CD and Kubernetes: `{ service, read() }`; `read` once it is ready. */
export function prepareSandbox({ home, account }) {
  const folder = makeFolder(path.join(home, 'sandbox'));
  const elsewhere = serviceFolder(home, account);
  const service = nodeService({
    name: 'sandbox',
    script: 'apps/sandbox/dist/main.js',
    home,
    env: {
      SANDBOX_HOME: folder,
      SANDBOX_HOST: process.env.SANDBOX_HOST ?? '127.0.0.1',
      ...(account ? { SLIPWAY_RUN_AS: account.name } : {}),
      ...(elsewhere === home ? {} : { SANDBOX_MARIADB_DIR: path.join(elsewhere, 'mariadb') }),
    },
  });
  return { service, read: () => JSON.parse(readFileSync(path.join(folder, 'sandbox.json'), 'utf8')) };
}

/** Where the sandbox writes how to reach its Kubernetes. */
export function kubeconfigPath(home) {
  return path.join(home, 'sandbox/kubeconfig');
}
