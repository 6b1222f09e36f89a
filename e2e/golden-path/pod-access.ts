import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { postToCluster } from '../product/developer-tools.js';
import type { SandboxClient } from '../product/sandbox-client.js';
import type { DemoFile } from '../product/start-product.js';

/** How a pod of the service gets at its secret: what its manifests tell it, and the token that the kubelet projects. */
export interface PodAccess {
  url: string;
  accessId: string;
  authConfig: string;
  tokenFile: string;
}

interface Wanted {
  namespace: string;
  serviceAccount: string;
  /** Path of what it may read. */
  secret: string;
  folder: string;
}

const AUDIENCE = 'akeyless';

/** What an administrator sets up in Akeyless once, bound to one service account. */
export async function openPodAccess(systems: DemoFile['sandbox'], sandbox: SandboxClient, wanted: Wanted): Promise<PodAccess> {
  const { namespace, serviceAccount, secret, folder } = wanted;
  const name = '/pods/shop';
  const method = await sandbox.akeyless('/auth-method-create-k8s', {
    name,
    'bound-namespaces': [namespace],
    'bound-sa-names': [serviceAccount],
    audience: AUDIENCE,
  });
  const { access_id: accessId, prv_key: key } = z.object({ access_id: z.string(), prv_key: z.string() }).parse(method);
  await sandbox.akeyless('/gateway-create-k8s-auth-config', {
    name: 'pods',
    'access-id': accessId,
    'signing-key': key,
    'k8s-host': systems.kubernetes.url,
    'k8s-ca-cert': Buffer.from(systems.kubernetes.ca).toString('base64'),
    'token-reviewer-jwt': systems.kubernetes.token,
  });
  await sandbox.akeyless('/create-role', { name });
  await sandbox.akeyless('/set-role-rule', { 'role-name': name, path: secret, capability: ['read'] });
  await sandbox.akeyless('/assoc-role-am', { 'role-name': name, 'am-name': name });
  const tokenFile = path.join(folder, 'service-account-token');
  await writeFile(tokenFile, await serviceAccountToken(systems, namespace, serviceAccount));
  return { url: systems.akeyless.url, accessId, authConfig: 'pods', tokenFile };
}

/** For longer than the kubelet would ask for, since here nobody replaces it as the sandbox's clock goes on. */
async function serviceAccountToken(systems: DemoFile['sandbox'], namespace: string, name: string): Promise<string> {
  const answer = await postToCluster(systems, `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences: [AUDIENCE], expirationSeconds: 7 * 24 * 3600 },
  });
  return z.object({ status: z.object({ token: z.string() }) }).parse(answer).status.token;
}
