import type { Principal } from '@slipway/contracts';

/** Teams are the walls: what belongs to a team is there for that team and for administrators alone. */
export type Visibility = { all: true } | { all: false; team: string | null };

export function visibilityOf(principal: Principal): Visibility {
  return principal.roles.includes('admin') ? { all: true } : { all: false, team: principal.team };
}

export function canSee(principal: Principal, thing: { team: string | null }): boolean {
  return isVisible(visibilityOf(principal), thing);
}

export function isVisible(visibility: Visibility, thing: { team: string | null }): boolean {
  return visibility.all || thing.team === null || thing.team === visibility.team;
}
