import { setTimeout as delay } from 'node:timers/promises';
import type { Sandbox } from '@slipway/engine/testing';

/** A database server inside the sandbox's cluster, as a target describes it. */
export interface DatabaseServer {
  host: string;
  port: number;
  username: string;
  password: string;
  database: string;
}

/** A MariaDB as a template would run it: a StatefulSet with a service in a namespace of its own. */
export async function startDatabase(sandbox: Sandbox, name: string): Promise<DatabaseServer> {
  const password = `root-Password.${name}`;
  const labels = { app: 'mysql' };
  const env = [
    { name: 'MARIADB_ROOT_PASSWORD', value: password },
    { name: 'MARIADB_DATABASE', value: name },
  ];
  const template = { metadata: { labels }, spec: { containers: [{ name: 'mariadb', image: 'mariadb:11.4', env }] } };
  await change(sandbox, 'POST', '/api/v1/namespaces', { metadata: { name } });
  await change(sandbox, 'POST', `/api/v1/namespaces/${name}/services`, {
    metadata: { name: 'mysql' },
    spec: { selector: labels, ports: [{ port: 3306 }] },
  });
  await change(sandbox, 'POST', `/apis/apps/v1/namespaces/${name}/statefulsets`, {
    metadata: { name: 'mysql' },
    spec: { replicas: 1, serviceName: 'mysql', selector: { matchLabels: labels }, template },
  });
  await untilReplicas(sandbox, name, 1);
  return { host: `mysql.${name}.svc.cluster.local`, port: 3306, username: 'root', password, database: name };
}

/** Zero takes its pods away; the data stays. */
export async function scaleDatabase(sandbox: Sandbox, name: string, replicas: number): Promise<void> {
  const { body } = await sandbox.callCluster('GET', pathOf(name));
  await change(sandbox, 'PUT', pathOf(name), { ...body, spec: { ...(body['spec'] as object), replicas } });
  await untilReplicas(sandbox, name, replicas);
}

const deadlineMs = 30_000;

async function untilReplicas(sandbox: Sandbox, name: string, replicas: number): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const { body } = await sandbox.callCluster('GET', pathOf(name));
    const status = body['status'] as { readyReplicas?: number } | undefined;
    if ((status?.readyReplicas ?? 0) === replicas) return;
    if (Date.now() > deadline) {
      throw new Error(`The sandbox's database did not come to ${replicas} replicas: ${JSON.stringify(status)}`);
    }
    await delay(100);
  }
}

function pathOf(name: string): string {
  return `/apis/apps/v1/namespaces/${name}/statefulsets/mysql`;
}

async function change(sandbox: Sandbox, method: string, path: string, object: object): Promise<void> {
  const { status, body } = await sandbox.callCluster(method, path, object);
  if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(body)}`);
}
