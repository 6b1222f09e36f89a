import { type StepContext, StepError } from '@slipway/engine';

const OWNER = /\bslipway\.dev\/owner=(\S+)/;

/** What the things we make carry, for people and as our mark, in the field that Akeyless gives for a description. */
export function describeOwnership({ entity, mark }: Pick<StepContext, 'entity' | 'mark'>): string {
  return `Made by Slipway for ${entity.blueprint} ${entity.identifier}. slipway.dev/owner=${mark}`;
}

export function ownerOf(description: string | null | undefined): string | null {
  return OWNER.exec(description ?? '')?.[1] ?? null;
}

/** Why it is not ours, for people. */
export function describeForeign(owner: string | null): string {
  return owner === null ? 'its description holds no mark of Slipway' : `its description names another owner, ${owner}`;
}

/** Of a step that was to change what it did not make. */
export function notOurs(title: string, owner: string | null): StepError {
  return new StepError('fatal', 'akeyless_not_ours', `${title} is not ours to change: ${describeForeign(owner)}.`, {
    remedy: 'Name one that this entity made.',
  });
}

export function nameTaken(title: string, owner: string | null): StepError {
  return new StepError('fatal', 'akeyless_name_taken', `${title} exists and is not ours: ${describeForeign(owner)}.`, {
    remedy: 'Choose another name, or have its owner remove it.',
  });
}
