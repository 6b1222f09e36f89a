import type { Gateway } from './gateway.js';
import type { DynamicSecret, Item } from './model.js';

/** `dynamic_secret_details`, as create, update and get answer it. Where a target holds the login, it is not in here. */
export function producerDetails(gateway: Gateway, secret: DynamicSecret): Record<string, unknown> {
  const { connection } = secret;
  return {
    dynamic_secret_id: secret.id,
    dynamic_secret_name: secret.name,
    dynamic_secret_type: 'mysql',
    dynamic_secret_key: secret.key,
    active: secret.active,
    failure_message: secret.failure,
    metadata: secret.description,
    tags: secret.tags,
    user_ttl: `${secret.ttl}m`,
    password_length: secret.passwordLength,
    username_template: secret.usernameTemplate,
    mysql_creation_statements: secret.creation,
    mysql_revocation_statements: secret.revocation,
    delete_protection: secret.deleteProtection,
    timeout_seconds: 15,
    item_targets_assoc: targetAssociations(gateway, secret),
    ...(connection
      ? {
          db_host_name: connection.host,
          db_port: connection.port,
          db_user_name: connection.user,
          db_pwd: connection.password,
          db_name: connection.database,
        }
      : {}),
  };
}

export function targetAssociations(gateway: Gateway, item: Item): Record<string, unknown>[] {
  if (!('target' in item) || item.target === undefined) return [];
  const target = gateway.targets.get(item.target);
  return [{ target_name: item.target, target_id: target?.id, target_type: 'mysql', assoc_id: `ass-${item.id}` }];
}
