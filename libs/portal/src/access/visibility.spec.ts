import type { Principal } from '@slipway/contracts';
import { canSee } from './visibility.js';

describe('canSee', () => {
  it.each<[Principal['roles'], string | null, string | null, boolean]>([
    // roles, team of the caller, team of the thing, seen
    [['member'], 'payments', 'payments', true],
    [['member'], 'payments', 'search', false],
    [['member'], 'payments', null, true],
    [['member'], null, 'search', false],
    [['member'], null, null, true],
    [[], 'payments', 'search', false],
    [['admin'], 'payments', 'search', true],
    [['member', 'admin'], null, 'search', true],
  ])('%j of %j, a thing of %j: %j', (roles, team, owner, seen) => {
    expect(canSee({ kind: 'user', id: 'x', team, roles }, { team: owner })).toBe(seen);
  });
});
