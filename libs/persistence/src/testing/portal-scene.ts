import { randomBytes } from 'node:crypto';
import type { Principal, RunStatus } from '@slipway/contracts';
import { type Clock, engineProvider, type LedgerResource, Registry, Sealer, systemClock } from '@slipway/engine';
import { installConfiguration, requestRun } from '@slipway/portal';
import { createRemoteContent } from '@slipway/templating';
import { portalStores } from '../portal/portal-stores.js';
import { PostgresRunStore } from '../runs/run-store.js';
import { loadTestTemplates } from './golden-path.js';
import { createTestDatabase } from './test-database.js';

export const admin: Principal = { kind: 'client', id: 'ci', team: null, roles: ['admin'] };
export const ada: Principal = { kind: 'user', id: 'ada@example.org', team: 'payments', roles: ['member'] };
export const bob: Principal = { kind: 'user', id: 'bob@example.org', team: 'search', roles: ['member'] };

/** A new database, every migration and the generated client, on a machine that has other things to do. */
export const setUpMs = 60_000;

export type PortalScene = Awaited<ReturnType<typeof createPortalScene>>;

/** An installation on a database of its own, as the use cases see it, and a hand to end runs with. */
export async function createPortalScene() {
  const database = await createTestDatabase();
  const stores = portalStores(database);
  const clock = new TestClock();
  const listeners = new Map<string, Set<() => void>>();
  let kicks = 0;
  const rung: string[] = [];
  const deps = {
    ...stores,
    clock,
    registry: new Registry([engineProvider()]),
    remote: createRemoteContent([]),
    tokenKeys: [new Uint8Array(randomBytes(32))] as const,
    sealer: new Sealer([randomBytes(32).toString('base64')]),
    kick: () => void kicks++,
    ring: (runId: string) => void rung.push(runId),
    announcements: {
      subscribe(runId: string, listener: () => void) {
        const heard = listeners.get(runId) ?? new Set();
        listeners.set(runId, heard.add(listener));
        return () => void heard.delete(listener);
      },
    },
  };
  const installed = {
    clients: [{ id: 'ci', secret: 'correct horse', roles: admin.roles, team: null }],
    users: [ada, bob].map(({ id, team, roles }) => ({ email: id, name: id, roles, team })),
    templates: await loadTestTemplates(),
  };
  await installConfiguration(deps, installed);
  const store = new PostgresRunStore(database.pool);

  return {
    ...deps,
    database,
    installed,
    kicks: () => kicks,
    rung,
    announce: (runId: string) => listeners.get(runId)?.forEach((listener) => listener()),
    listeners: (runId: string) => listeners.get(runId)?.size ?? 0,
    /** Requests a service whose repository and namespace are named after it. */
    deploy: (name: string, properties: Record<string, unknown> = {}, principal = admin) =>
      requestRun(deps, {
        principal,
        action: 'deploy',
        properties: { app_name: name, repo_name: name, namespace: name, ...properties },
      }),
    /** What a worker does to a run in the end. */
    async end(runId: string, status: RunStatus, resources: Partial<LedgerResource>[] = [], { begun = true } = {}): Promise<void> {
      const claim = await store.claim(runId, 'worker', 60_000);
      if (!claim) throw new Error(`Run ${runId} cannot be claimed.`);
      await store.record(claim.lease, {
        run: { status, ...(begun ? { startedAt: new Date() } : {}) },
        events: [{ type: 'run', status, failure: null }],
        resources: resources.map((resource) => ({ ...someResource(runId), ...resource })),
        acknowledge: claim.inbox.map((message) => message.id),
      });
    },
    async count(table: string): Promise<number> {
      return (await database.pool.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`)).rows[0]?.count ?? -1;
    },
  };
}

class TestClock implements Clock {
  aheadMs = 0;

  now(): Date {
    return new Date(systemClock.now().getTime() + this.aheadMs);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal);
  }
}

function someResource(runId: string): LedgerResource {
  return {
    kind: 'github:repository',
    externalId: `acme/${runId}`,
    title: `Repository acme/${runId}`,
    url: 'https://git.example/acme/it',
    properties: {},
    state: 'CREATED',
    runId,
    stepId: 'first',
    depth: 0,
    note: null,
    removal: null,
  };
}
