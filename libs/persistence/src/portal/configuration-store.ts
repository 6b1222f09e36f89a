import type { ConfigurationStore, InstalledConfiguration } from '@slipway/portal';
import type { Prisma, PrismaClient } from '../generated/prisma/client.js';

/** Any number, as long as nothing else in this database takes the same: one process installs at a time. */
const installLock = 7_190_441;

export class PostgresConfigurationStore implements ConfigurationStore {
  constructor(private readonly prisma: PrismaClient) {}

  async secretHash(clientId: string): Promise<string | null> {
    const client = await this.prisma.client.findUnique({ where: { id: clientId }, select: { secretHash: true } });
    return client?.secretHash ?? null;
  }

  async install(configuration: InstalledConfiguration): Promise<void> {
    await this.prisma.$transaction(
      async (transaction) => {
        await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${installLock})`;
        await installAccess(transaction, configuration);
        await installCatalogue(transaction, configuration);
      },
      { maxWait: 30_000, timeout: 60_000 },
    );
  }
}

async function installAccess(transaction: Prisma.TransactionClient, { clients, users }: InstalledConfiguration): Promise<void> {
  for (const client of clients) {
    await transaction.client.upsert({ where: { id: client.id }, create: client, update: client });
  }
  for (const user of users) {
    await transaction.user.upsert({ where: { email: user.email }, create: user, update: user });
  }
  // Whoever left the configuration is out: a client logs in no more, a user's sessions and links go along.
  await transaction.client.deleteMany({ where: { id: { notIn: clients.map(({ id }) => id) } } });
  await transaction.user.deleteMany({ where: { email: { notIn: users.map(({ email }) => email) } } });
}

async function installCatalogue(
  transaction: Prisma.TransactionClient,
  { blueprints, actions }: InstalledConfiguration,
): Promise<void> {
  for (const { schema, ...blueprint } of blueprints) {
    const data = { ...blueprint, schema: schema as Prisma.InputJsonObject };
    await transaction.blueprint.upsert({ where: { identifier: data.identifier }, create: data, update: data });
  }
  const archives = new Map(actions.map((action) => [action.templateDigest, action.archive]));
  await renewOffered(transaction);
  for (const [digest, bytes] of archives) {
    const renewed = await transaction.archive.updateMany({ where: { digest }, data: { createdAt: new Date() } });
    if (renewed.count === 0) await transaction.archive.create({ data: { digest, bytes: new Uint8Array(bytes) } });
  }
  for (const { identifier, title, description, operation, blueprint, template, templateDigest } of actions) {
    const data = {
      title,
      description,
      operation,
      blueprintId: blueprint,
      template: template as unknown as Prisma.InputJsonObject,
      templateDigest,
    };
    await transaction.action.upsert({ where: { identifier }, create: { identifier, ...data }, update: data });
  }
  // Runs keep their plan and their template's archive: an action that is no longer offered takes nothing from them.
  await transaction.action.deleteMany({ where: { sourceName: null, identifier: { notIn: actions.map(({ identifier }) => identifier) } } });
}

/** A request that is under way may name what is offered no longer after this: housekeeping leaves it a day. */
async function renewOffered(transaction: Prisma.TransactionClient): Promise<void> {
  await transaction.$executeRaw`UPDATE archives SET created_at = now() WHERE digest IN (SELECT template_digest FROM actions)`;
}
