import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jest } from '@jest/globals';
import { ApiClient } from './api-client.js';
import { atOnce } from './at-once.js';
import { writeVariants } from './golden-path-variants.js';
import { type Fault, SandboxClient } from './sandbox-client.js';
import { serviceValues } from './service-values.js';
import { type Product, startProduct } from './start-product.js';

/** `npm run faults`: the many. */
const all = process.env['SLIPWAY_FAULTS'] === 'all';
const apps = all ? 50 : 6;
const together = all ? 10 : 6;
const seed = Number(process.env['SLIPWAY_FAULTS_SEED'] ?? 20_261);
const withinMs = all ? 1_200_000 : 240_000;

jest.setTimeout(all ? 3_600_000 : 600_000);

describe(`${apps} apps, ${together} at a time, while of a hundred calls five go wrong (seed ${seed})`, () => {
  const names = Array.from({ length: apps }, (_, index) => `many${String(index).padStart(2, '0')}q`);
  let folder: string;
  let product: Product;
  let api: ApiClient;
  let sandbox: SandboxClient;
  let start: Record<string, unknown>;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'slipway-variants-'));
    product = await startProduct(await writeVariants(folder));
    api = await ApiClient.signIn(product.demo);
    sandbox = new SandboxClient(product.demo.sandbox);
    start = await sandbox.holds();
    await sandbox.setFaults(faults());
  });
  afterAll(async () => {
    await product?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('are all made', async () => {
    const failures: string[] = [];
    await atOnce(together, names, async (name) => {
      const run = await api.ended(await api.request('deploy_python_flask_app', serviceValues(name)), withinMs);
      if (run.statusLabel !== 'SUCCEEDED') failures.push(`${name}: ${JSON.stringify(run.failure)}`);
    });
    expect(failures).toEqual([]);
    const played = (await sandbox.requests()).filter(({ fault }) => fault !== undefined);
    expect(played.length).toBeGreaterThan(apps / 2);
  });

  it('and all removed, without an orphan', async () => {
    const failures: string[] = [];
    await atOnce(together, names, async (name) => {
      const run = await api.ended(await api.request('delete_service', { confirm: name, repository: 'delete' }, name), withinMs);
      if (run.statusLabel !== 'SUCCEEDED') failures.push(`${name}: ${JSON.stringify(run.failure)}`);
    });
    expect(failures).toEqual([]);
    expect(await sandbox.holds()).toEqual(start);
    expect((await api.call('GET', '/v1/blueprints/service/entities')).body['entities']).toEqual([]);
  });

  /** Each refuses, breaks off or loses the answer of what it befalls, whoever calls. */
  function faults(): Fault[] {
    const kinds: Array<Pick<Fault, 'fault' | 'status' | 'delayMs'>> = [
      { fault: 'status', status: 503 },
      { fault: 'reset' },
      { fault: 'applied-then-reset' },
      { fault: 'applied-then-status', status: 502 },
      { fault: 'applied-then-timeout', delayMs: 500 },
    ];
    const systems = ['github', 'akeyless', 'argocd', 'kubernetes'] as const;
    return systems.flatMap((system, place) =>
      kinds.map((kind, index) => ({ system, match: {}, probability: 0.01, seed: seed + place * kinds.length + index, ...kind })),
    );
  }
});
