import type { Principal } from '@slipway/contracts';
import type { LoadedTemplate } from '@slipway/templating';
import type { ClientRecord, UserRecord } from '../access/access-store.js';
import { hashSecret, secretMatches } from '../access/secret-hash.js';
import { serviceBlueprint } from '../catalogue/service-blueprint.js';
import type { ConfigurationStore, InstalledConfiguration } from './configuration-store.js';

export interface InstallConfigurationDeps {
  configuration: ConfigurationStore;
}

export interface InstallConfigurationCommand {
  clients: ConfiguredClient[];
  users: UserRecord[];
  /** As `loadGoldenPaths` answers them. */
  templates: LoadedTemplate[];
}

export interface ConfiguredClient {
  id: string;
  /** The value, resolved in memory; only its hash is kept. */
  secret: string;
  roles: Principal['roles'];
  team: string | null;
}

/**
 * Puts clients, users, blueprints and actions in place, at every start, and removes those that left the configuration;
 * the same configuration again changes nothing.
 */
export async function installConfiguration(deps: InstallConfigurationDeps, command: InstallConfigurationCommand): Promise<void> {
  const clients = await Promise.all(command.clients.map((client) => clientRecord(deps, client)));
  const actions = command.templates.map(installedAction);
  await deps.configuration.install({ clients, users: command.users, blueprints: [serviceBlueprint], actions });
}

async function clientRecord(deps: InstallConfigurationDeps, client: ConfiguredClient): Promise<ClientRecord> {
  const { id, secret, roles, team } = client;
  const kept = await deps.configuration.secretHash(id);
  const secretHash = kept && (await secretMatches(secret, kept)) ? kept : await hashSecret(secret);
  return { id, secretHash, roles, team };
}

function installedAction(loaded: LoadedTemplate): InstalledConfiguration['actions'][number] {
  const { identifier, title, description, operation, blueprint, document, templatePath, digest, archive } = loaded;
  return {
    identifier,
    title,
    description,
    operation,
    blueprint,
    template: { document, templatePath },
    templateDigest: digest,
    archive,
  };
}
