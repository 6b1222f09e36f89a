import type { Principal } from '@slipway/contracts';
import type { ClientRecord, UserRecord } from './access-store.js';

export function clientPrincipal(client: ClientRecord): Principal {
  return { kind: 'client', id: client.id, team: client.team, roles: client.roles };
}

export function userPrincipal(user: UserRecord): Principal {
  return { kind: 'user', id: user.email, team: user.team, roles: user.roles };
}
