import path from 'node:path';
import { compose, type Composition } from '@slipway/composition';
import { type RateLimiter, Sealer, type SealingKeys, sealingKeys, systemClock } from '@slipway/engine';
import { openDatabase, PostgresOutbox, type PortalStores, portalStores } from '@slipway/persistence';
import { type Announcements, installConfiguration } from '@slipway/portal';
import { githubWatch } from '@slipway/provider-github';
import { BullRunQueue, guardAgainstEviction, openRedis, RedisAnnouncements, RedisAnnouncer, RedisRateLimiter, Relay } from '@slipway/queue';
import { createEvaluator } from '@slipway/templating';
import type { Environment } from './environment.js';
import { openLog } from './open-log.js';
import type { ApiRuntime, PortalDeps } from './runtime.js';
import { shareEventPages } from './runs/share-event-pages.js';
import { sourceReader, toTemplateSource } from './templates/source-reader.js';
import { tokenKeyFrom } from './token-key.js';
import { githubSource } from './webhooks/github-source.js';

/** Enough to wake an idle worker at once; workers, who know how much they can take, fetch the rest themselves. */
const relayWindow = 10;

interface OpenRuntime {
  runtime: ApiRuntime;
  close(): Promise<void>;
}

/**
 * Everything the api stands on, opened in the order in which one needs the other, with the configuration in place.
 * `giveUp` is called should it turn out later that the api cannot go on.
 */
export async function openRuntime(environment: Environment, giveUp: (reason: string) => void): Promise<OpenRuntime> {
  const redis = openRedis(environment.REDIS_URL);
  const database = openDatabase(environment.DATABASE_URL, { maxConnections: 20 });
  const stores = portalStores(database);
  const surroundings = { limiter: new RedisRateLimiter(redis), catalogue: stores.catalogue };
  const composition = await compose(environment.SLIPWAY_CONFIG, surroundings).catch((error: unknown) => {
    redis.disconnect();
    throw error;
  });
  const log = openLog(environment.LOG_LEVEL, composition.processSecrets);
  const keys = sealingKeys(await composition.secrets.resolve(environment.SLIPWAY_KEY));
  await guardAgainstEviction(redis, { warn: (message) => log.warn(message), refuse: (error) => giveUp(error.message) });
  const subscriber = openRedis(environment.REDIS_URL, { patient: true });
  const queue = new BullRunQueue(redis);
  const relay = new Relay(new PostgresOutbox(database.pool), queue, {
    window: relayWindow,
    onError: (error) => log.warn({ err: error }, 'the relay will try again'),
  });
  await install(composition, stores);
  relay.start();
  const announcer = new RedisAnnouncer(redis);
  const announcements = new RedisAnnouncements(subscriber, 'grew');
  return {
    runtime: {
      portal: portalDeps(stores, composition, {
        keys,
        announcements,
        kick: (newRun) => relay.kick(newRun),
        ring: (runId) => announcer.ring(runId),
      }),
      dependencies: [
        { name: 'postgres', check: () => database.pool.query('SELECT 1') },
        { name: 'redis', check: () => redis.ping() },
      ],
      templateSources: composition.config.templates.map(toTemplateSource),
      webhooks: { github: githubWebhooks(composition, surroundings.limiter) },
      publicUrl: publicUrlOf(composition.config),
      webFolder: path.join(import.meta.dirname, '../../web/dist'),
      log,
    },
    async close() {
      await relay.stop();
      await queue.close();
      redis.disconnect();
      subscriber.disconnect();
      await database.close();
    },
  };
}

async function install({ config, secrets }: Composition, stores: PortalStores): Promise<void> {
  const clients = await Promise.all(
    config.clients.map(async ({ id, secret, roles, team }) => ({
      id,
      secret: await secrets.resolve(secret),
      roles,
      team: team ?? null,
    })),
  );
  const users = config.users.map((user) => ({ ...user, team: user.team ?? null }));
  // Templates come from their sources, good or not: RefreshSources.
  await installConfiguration(stores, { clients, users, templates: [] });
  await stores.sources.configure(config.templates.map(toTemplateSource));
}

interface Live {
  keys: SealingKeys;
  announcements: Announcements;
  kick(newRun?: string): void;
  ring(runId: string): void;
}

function portalDeps(stores: PortalStores, { registry, remote, secrets, config, providers }: Composition, { keys, ...live }: Live): PortalDeps {
  const [newest, ...older] = keys;
  return {
    ...{ ...stores, ...live, registry, remote, secrets },
    tokenKeys: [tokenKeyFrom(newest), ...older.map(tokenKeyFrom)],
    sealer: new Sealer(keys),
    sourceReader: sourceReader({ config, secrets }),
    integrations: providers.flatMap(({ name, health }) => (health ? [{ name, health }] : [])),
    runs: shareEventPages(stores.runs),
    clock: systemClock,
    evaluator: createEvaluator(config.environment),
  };
}

function githubWebhooks({ config, secrets }: Composition, limiter: RateLimiter): ApiRuntime['webhooks']['github'] {
  const github = config.integrations.github;
  if (!github) return null;
  const watch = githubWatch(github, { secrets, limiter });
  return githubSource({ secret: () => secrets.resolve(github.webhookSecret), watch, publicUrl: publicUrlOf(config) });
}

function publicUrlOf({ publicUrl }: Composition['config']): string {
  return publicUrl.replace(/\/+$/, '');
}
