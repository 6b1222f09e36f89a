import { dateOf, type Gateway } from './gateway.js';

/** For GET /state: no secret values. */
export function describeState(gateway: Gateway): Record<string, unknown> {
  const all = gateway.items.list().map((entry) => entry.value);
  return {
    targets: gateway.targets
      .list()
      .map(({ value }) => ({ name: value.name, host: value.host, port: value.port, user: value.user })),
    dynamicSecrets: all.flatMap((item) =>
      item.type === 'DYNAMIC_SECRET'
        ? [{ name: item.name, target: item.target ?? null, active: item.active, failure: item.failure }]
        : [],
    ),
    staticSecrets: all.flatMap((item) => (item.type === 'STATIC_SECRET' ? [item.name] : [])),
    rotatedSecrets: all.flatMap((item) =>
      item.type === 'ROTATED_SECRET'
        ? [{ name: item.name, target: item.target, rotatedAt: dateOf(item.rotatedAt), failure: item.failure }]
        : [],
    ),
    roles: gateway.roles.list().map(({ value }) => ({ name: value.name, rules: value.rules })),
    authMethods: gateway.methods.list().map(({ value }) => ({ name: value.name, type: value.rules.type })),
    leases: gateway.leases
      .list()
      .map(({ value }) => ({ id: value.id, dynamicSecret: value.secret, user: value.user, expiresAt: dateOf(value.expiresAt) })),
  };
}
