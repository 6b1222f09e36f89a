import { setTimeout as wait } from 'node:timers/promises';
import sdk from 'akeyless';
import type { FastifyInstance } from 'fastify';
import { createConnection } from 'mysql2/promise';
import { RequestLog } from '../core/request-log.js';
import { createServer } from '../core/serve.js';
import { createKubernetes, type Kubernetes } from '../kubernetes/create-kubernetes.js';
import type { Database } from '../mariadb/database.js';
import { startDatabase } from '../mariadb/start-database.js';
import { openTestContext, type TestContext } from '../mariadb/test-context.js';
import { type Akeyless, createAkeyless } from './create-akeyless.js';

export type Issued = Record<'id' | 'user' | 'password' | 'ttl_in_minutes', string>;

/** What a test of the account's roles, statements and users starts from. */
export const CREATION =
  "CREATE USER '{{name}}'@'%' IDENTIFIED BY '{{password}}'; GRANT SELECT, INSERT, CREATE ON `shop`.* TO '{{name}}'@'%';";
const REVOCATION = "DROP USER IF EXISTS '{{name}}'@'%';";

/** The stand-in over its own door, with a real MariaDB and the Kubernetes stand-in, and the official SDK in front of it. */
export class AccountUnderTest {
  akeyless!: Akeyless;
  server!: FastifyInstance;
  api!: sdk.V2Api;
  /** Of the administrator. */
  token!: string;

  static async start(): Promise<AccountUnderTest> {
    const context = await openTestContext();
    const database = await startDatabase(context.ctx, { port: context.ctx.ports.mysql });
    const kubernetes = await createKubernetes(context.ctx, database);
    const account = new AccountUnderTest(context, database, kubernetes);
    await account.open();
    return account;
  }

  private constructor(
    private readonly context: TestContext,
    readonly database: Database,
    readonly kubernetes: Kubernetes,
  ) {}

  get ctx() {
    return this.context.ctx;
  }

  /** Begins to serve what the store holds, as after a restart. */
  async open(): Promise<void> {
    const { store, clock, faults, host, ports } = this.ctx;
    this.akeyless = createAkeyless(this.ctx, (at, port) => this.kubernetes.resolve(at, port));
    const log = new RequestLog(clock, () => []);
    this.server = await createServer(this.akeyless, { store, clock, log, faults, latency: new Map() });
    await this.server.listen({ host, port: ports.akeyless });
    this.api = new sdk.V2Api(new sdk.ApiClient(`${this.akeyless.credentials.url}/api/v2`));
  }

  /** Stops serving; time goes on without it. */
  async shut(): Promise<void> {
    await this.server.close();
    await this.akeyless.close();
  }

  async reset(): Promise<void> {
    this.ctx.faults.set([]);
    await this.akeyless.reset();
    await this.kubernetes.standIn.reset();
    await this.renewToken();
  }

  async close(): Promise<void> {
    await this.shut();
    await this.kubernetes.standIn.close();
    await this.database.close();
    await this.context.close();
  }

  async logIn({ accessId, accessKey }: { accessId: string; accessKey: string }): Promise<string> {
    const answer = await this.api.auth({ 'access-id': accessId, 'access-key': accessKey, 'access-type': 'access_key' });
    return String(answer['token']);
  }

  /** Time moves in these tests, and tokens go with it. */
  async renewToken(): Promise<void> {
    this.token = await this.logIn(this.akeyless.credentials);
  }

  async createTarget(password: string): Promise<void> {
    const fields = {
      name: '/apps/shop-db',
      'db-type': 'mysql',
      'connection-type': 'credentials',
      host: 'mysql.shop.svc.cluster.local',
      port: '3306',
      'user-name': 'root',
      pwd: password,
      'db-name': 'shop',
      description: 'of Slipway',
    };
    await this.api.targetCreateDB(sdk.TargetCreateDB.constructFromObject({ token: this.token, ...fields }));
  }

  /** By the SDK's model, so with all the defaults that it adds. */
  createDynamicSecret(overrides: object = {}): Promise<Record<string, unknown>> {
    const fields = {
      name: '/apps/shop',
      'target-name': '/apps/shop-db',
      'mysql-screation-statements': CREATION,
      'mysql-revocation-statements': REVOCATION,
      'user-ttl': '60m',
      description: 'of Slipway',
      tags: ['slipway'],
    };
    const { token } = this;
    return this.api.dynamicSecretCreateMySql(sdk.DynamicSecretCreateMySql.constructFromObject({ token, ...fields, ...overrides }));
  }

  async issue(): Promise<Issued> {
    await this.renewToken();
    return (await this.api.dynamicSecretGetValue({ token: this.token, name: '/apps/shop' })) as Issued;
  }

  /** A login and a statement, or the database's refusal. */
  async databaseAnswers({ user, password }: Pick<Issued, 'user' | 'password'>): Promise<boolean> {
    const { host, port } = this.database;
    const connection = await createConnection({ host, port, user, password, database: 'shop' });
    await connection.query('CREATE TABLE IF NOT EXISTS notes (id INT)');
    await connection.end();
    return true;
  }

  async refusesSoon(credential: Issued): Promise<void> {
    await until(() =>
      this.databaseAnswers(credential).then(
        () => false,
        () => true,
      ),
    );
  }

  async startShopDatabase(password: string, namespace = 'shop'): Promise<void> {
    await this.apply('v1', 'Namespace', undefined, namespace, {});
    await this.#applyDatabase(password, namespace, 1);
    await until(() => this.kubernetes.serviceReady(`mysql.${namespace}.svc`));
  }

  async stopShopDatabase(password: string, namespace = 'shop'): Promise<void> {
    await this.#applyDatabase(password, namespace, 0);
    await until(() => !this.kubernetes.serviceReady(`mysql.${namespace}.svc`));
  }

  async #applyDatabase(password: string, namespace: string, replicas: number): Promise<void> {
    const labels = { app: 'mysql' };
    const env = [
      { name: 'MYSQL_ROOT_PASSWORD', value: password },
      { name: 'MYSQL_DATABASE', value: namespace },
    ];
    const template = { metadata: { labels }, spec: { containers: [{ name: 'mysql', image: 'mysql:8.4', env }] } };
    const selector = { matchLabels: labels };
    await this.apply('v1', 'Service', namespace, 'mysql', { spec: { selector: labels, ports: [{ port: 3306 }] } });
    const spec = { replicas, serviceName: 'mysql', selector, template };
    await this.apply('apps/v1', 'StatefulSet', namespace, 'mysql', { spec });
  }

  async apply(apiVersion: string, kind: string, namespace: string | undefined, name: string, rest: object): Promise<void> {
    const metadata = { name, ...(namespace !== undefined && { namespace }) };
    await this.kubernetes.cluster.apply({ apiVersion, kind, metadata, ...rest }, { fieldManager: 'spec', force: true });
  }
}

export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Not within 10 s: ${holds.toString()}`);
    await wait(20);
  }
}
