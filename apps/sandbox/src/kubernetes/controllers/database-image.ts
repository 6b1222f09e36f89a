import type { KubernetesObject } from '../../cluster.js';
import type { VirtualServerRequest } from '../../mariadb/virtual-server.js';
import { listAt, textAt, textMapAt } from '../json.js';
import { typeOf } from '../resource-types.js';
import type { Api } from '../write-object.js';
import { environmentOf } from './environment.js';

/** The image's entry point would refuse to start; the message is what its log would say. */
export class DatabaseImageError extends Error {}

/** By the last part of the image's name: `docker.io/library/mysql:8.4`, `percona/percona-server:8.0`. */
const DATABASE_IMAGE = /^(mysql|mysql-server|mariadb|mariadb-server|percona|percona-server)$/;

/**
 * What a pod of a StatefulSet that runs a database image asks of the MariaDB: the schema and accounts of its environment, by the
 * rules of the official images' entry points. Undefined for every other pod.
 *
 * @throws DatabaseImageError without any way to a root password.
 */
export function databaseRequest(api: Api, pod: KubernetesObject): VirtualServerRequest | undefined {
  const set = pod.metadata.ownerReferences?.find((owner) => owner.kind === 'StatefulSet');
  const container = databaseContainer(pod);
  if (!set || !container) return undefined;
  const environment = environmentOf(api, pod.metadata.namespace ?? '', container);
  const read = (name: string) => environment[`MARIADB_${name}`] || environment[`MYSQL_${name}`] || undefined;
  const rootPassword = read('ROOT_PASSWORD');
  if (
    rootPassword === undefined &&
    !read('RANDOM_ROOT_PASSWORD') &&
    !read('ALLOW_EMPTY_PASSWORD') &&
    !read('ALLOW_EMPTY_ROOT_PASSWORD')
  ) {
    throw new DatabaseImageError(
      'Database is uninitialized and password option is not specified. You need to specify one of ' +
        'MYSQL_ROOT_PASSWORD, MYSQL_ALLOW_EMPTY_PASSWORD and MYSQL_RANDOM_ROOT_PASSWORD',
    );
  }
  const schema = read('DATABASE');
  const [user, password] = [read('USER'), read('PASSWORD')];
  const accounts: VirtualServerRequest['accounts'] = [];
  if (rootPassword !== undefined) accounts.push({ name: 'root', password: rootPassword, administrator: true });
  if (user !== undefined && password !== undefined) {
    accounts.push({ name: user, password, administrator: mayCreateUsers(initScripts(api, pod, container), environment, user) });
  }
  return { id: `${pod.metadata.namespace}/${set.name}`, ...(schema === undefined ? {} : { schema }), accounts };
}

const INIT_FOLDER = '/docker-entrypoint-initdb.d';

/** The scripts that the image runs when its data folder is empty, as far as they come from ConfigMaps. */
function initScripts(api: Api, pod: KubernetesObject, container: unknown): string[] {
  const mounts = listAt(container, 'volumeMounts').filter((mount) => (textAt(mount, 'mountPath') ?? '').startsWith(INIT_FOLDER));
  return mounts.flatMap((mount) => {
    const volume = listAt(pod, 'spec', 'volumes').find((candidate) => textAt(candidate, 'name') === textAt(mount, 'name'));
    const name = textAt(volume, 'configMap', 'name');
    if (name === undefined) return [];
    return Object.values(textMapAt(api.objects.get(typeOf('ConfigMap'), pod.metadata.namespace, name), 'data'));
  });
}

/** Whether a script grants the account, by name or by variable, the right to create users. */
function mayCreateUsers(scripts: string[], environment: Record<string, string>, user: string): boolean {
  return scripts.some((script) => {
    const text = script.replace(/\$\{?(\w+)\}?/g, (all, name: string) => environment[name] ?? all);
    return [...text.matchAll(GLOBAL_GRANT)].some(([, privileges = '', grantee]) => {
      return grantee === user && /\bCREATE USER\b|\bALL\b/i.test(privileges);
    });
  });
}

const GLOBAL_GRANT = /GRANT\s+([\w\s,]+?)\s+ON\s+\*\.\*\s+TO\s+['"`]?([^'"`@\s]+)/gi;

function databaseContainer(pod: KubernetesObject): unknown {
  return listAt(pod, 'spec', 'containers').find((container) => {
    const image = (textAt(container, 'image') ?? '').split('@')[0] ?? '';
    const name = (image.split('/').at(-1) ?? '').split(':')[0] ?? '';
    return DATABASE_IMAGE.test(name);
  });
}
