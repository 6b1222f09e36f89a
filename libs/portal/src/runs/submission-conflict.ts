import { SlipwayError } from '@slipway/contracts';
import type { Holder, NewRun, Submission } from './run-request-store.js';

/** Why a request was refused when it met what is there already, in words that name it. */
export function submissionConflict(
  run: NewRun,
  submission: Exclude<Submission, { outcome: 'accepted' | 'repeated' }>,
): SlipwayError {
  const entity = `${run.entity.blueprint} "${run.entity.identifier}"`;
  switch (submission.outcome) {
    case 'name_taken':
      return new SlipwayError('conflict', `The name is taken: ${entity} ${story(submission.holder)}`);
    case 'claim_taken': {
      const { property, value, holder } = submission;
      return new SlipwayError(
        'conflict',
        `The ${property} "${value}" is taken by the ${run.entity.blueprint} "${holder.identifier}", which ${story(holder)}`,
      );
    }
    case 'entity_missing':
      return new SlipwayError('not_found', `There is no ${entity}.`);
    case 'entity_not_ready':
      return new SlipwayError(
        'conflict',
        `${capital(entity)} is ${submission.status}: only a ready one can be changed. Retry its run, or delete it.`,
      );
    case 'entity_busy': {
      const { id, action, status, requestedBy } = submission.run;
      return new SlipwayError(
        'conflict',
        `${capital(entity)} is busy: run ${id} (${action}, ${status}), requested by ${requestedBy}. Wait until it has ended.`,
      );
    }
  }
}

function story(holder: Holder): string {
  const { status, createdBy, createdAt, runId, standing } = holder;
  const made = `is ${status}; ${createdBy} requested it at ${createdAt.toISOString()} (run ${runId}).`;
  if (status !== 'failed') return `${made} Choose another name.`;
  if (standing.length === 0) return `${made} It failed, and its run is being called back. Wait until that has ended.`;
  return `${made} It failed, and this still stands: ${standing.join(', ')}. Undo that run, delete it, or choose another name.`;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
