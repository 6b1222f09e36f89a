import type { Provider, StepDefinition } from '@slipway/engine';
import { createStepRig, type Sandbox, sandboxForSuite, stepOf, type StepRig } from '@slipway/engine/testing';
import { type Connection, createConnection } from 'mysql2/promise';
import { z } from 'zod';
import type { AkeylessConfig } from '../config.js';
import { akeylessProvider } from '../provider.js';
import { akeylessState, callAkeyless } from './call-akeyless.js';
import { type DatabaseServer, startDatabase } from './database-server.js';

/** Where the rigs of a scene find the password of its server's administrator. */
export const PASSWORD = 'kubernetes:shared/mysql#password';

const Issued = z.object({ id: z.string(), user: z.string(), password: z.string() });
export type Issued = z.infer<typeof Issued>;

type Settings = Partial<z.input<typeof AkeylessConfig>>;

/** Our provider on the sandbox's account, and a database server that all tests of a file share; there from the first test on. */
export class Scene {
  readonly sandbox: Sandbox = sandboxForSuite();
  provider!: Provider;
  server!: DatabaseServer;
  #names = 0;

  /** `configure` is asked once the sandbox is there. */
  constructor(configure: (sandbox: Sandbox) => Settings = () => ({})) {
    beforeAll(async () => {
      this.provider = this.providerWith(configure(this.sandbox));
      this.server = await startDatabase(this.sandbox, 'shared');
    }, 60_000);
  }

  /** `accessKey` is the key itself, ours where it is absent. */
  providerWith(config: Settings, accessKey = this.sandbox.akeyless.accessKey): Provider {
    const secrets = { resolve: () => Promise.resolve(accessKey), protect: () => undefined };
    const { url, accessId } = this.sandbox.akeyless;
    return akeylessProvider({ url, accessId, accessKey: 'env:AKEYLESS_ACCESS_KEY', ...config }, secrets);
  }

  step(id: string): StepDefinition {
    return stepOf(this.provider, id);
  }

  rig(on: DatabaseServer = this.server): StepRig {
    return createStepRig({ kinds: this.provider.kinds, secrets: { [PASSWORD]: on.password }, deadlineMs: 60_000 });
  }

  /** A name nobody else uses. */
  fresh(): string {
    this.#names += 1;
    return `shop-${this.#names}`;
  }

  targetInput(name: string, on: DatabaseServer = this.server) {
    const { host, port, username, database } = on;
    return { name, host, port, username, password: PASSWORD, database };
  }

  secretInput(name: string, on: DatabaseServer = this.server) {
    return { name, target: name, database: on.database, profile: 'mariadb' as 'mariadb' | 'mysql' };
  }

  /** A target and a dynamic secret on it; answers its path. */
  async makeSecret(rig: StepRig, name: string, on: DatabaseServer = this.server): Promise<string> {
    await rig.run(this.step('akeyless:target:create'), this.targetInput(name, on));
    const output = await rig.run(this.step('akeyless:dynamic-secret:create'), this.secretInput(name, on));
    return z.object({ path: z.string() }).parse(output).path;
  }

  async leasesOf(path: string): Promise<string[]> {
    return (await akeylessState(this.sandbox)).leases.filter((lease) => lease.dynamicSecret === path).map((lease) => lease.user);
  }

  async issue(path: string): Promise<Issued> {
    return Issued.parse(await callAkeyless(this.sandbox, '/dynamic-secret-get-value', { name: path }));
  }

  connect({ user, password }: Pick<Issued, 'user' | 'password'>, database?: string): Promise<Connection> {
    return createConnection({ ...this.sandbox.mysql, user, password, ...(database !== undefined && { database }) });
  }
}
