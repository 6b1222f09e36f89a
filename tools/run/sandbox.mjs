import { readFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../setup/folders.mjs';
import { nodeService } from './node-service.mjs';

/** The stand-ins for GitHub, Akeyless, Argo CD and Kubernetes: `{ service, read() }`; `read` once it is ready. */
export function prepareSandbox({ home, account }) {
  const folder = makeFolder(path.join(home, 'sandbox'));
  const service = nodeService({
    name: 'sandbox',
    script: 'apps/sandbox/dist/main.js',
    home,
    env: {
      SANDBOX_HOME: folder,
      SANDBOX_HOST: process.env.SANDBOX_HOST ?? '127.0.0.1',
      ...(account ? { SLIPWAY_RUN_AS: account.name } : {}),
    },
  });
  return { service, read: () => JSON.parse(readFileSync(path.join(folder, 'sandbox.json'), 'utf8')) };
}

/** Where the sandbox writes how to reach its Kubernetes. */
export function kubeconfigPath(home) {
  return path.join(home, 'sandbox/kubeconfig');
}
