import type { EntityStatus } from '../api/entities.js';
import type { ResourceState } from '../api/run-events.js';
import type { RunStatus, StepStatus } from '../api/runs.js';

type Tone = 'quiet' | 'active' | 'waiting' | 'good' | 'bad';
type Status = RunStatus | StepStatus | EntityStatus | ResourceState;

const shown: Record<Status, [words: string, tone: Tone]> = {
  WAITING_FOR_APPROVAL: ['Waiting for approval', 'waiting'],
  QUEUED: ['Queued', 'waiting'],
  RUNNING: ['Running', 'active'],
  WAITING: ['Waiting', 'waiting'],
  UNDOING: ['Undoing', 'active'],
  SUCCEEDED: ['Succeeded', 'good'],
  FAILED: ['Failed', 'bad'],
  CANCELLED: ['Cancelled', 'quiet'],
  DECLINED: ['Declined', 'quiet'],
  PENDING: ['Not started', 'quiet'],
  SKIPPED: ['Skipped', 'quiet'],
  UNDONE: ['Undone', 'quiet'],
  UNDO_FAILED: ['Undo failed', 'bad'],
  creating: ['Being created', 'active'],
  ready: ['Ready', 'good'],
  failed: ['Failed', 'bad'],
  deleting: ['Being deleted', 'active'],
  PLANNED: ['On its way', 'waiting'],
  CREATED: ['There', 'good'],
  REMOVED: ['Removed', 'quiet'],
  KEPT: ['Kept', 'quiet'],
  REMOVE_FAILED: ['Could not be removed', 'bad'],
};

/** A status in words; colour and mark only repeat what the words say. */
export function StatusBadge({ status }: { status: Status }) {
  const [words, tone] = shown[status];
  return (
    <span className={`badge badge-${tone}`} data-status={status}>
      {words}
    </span>
  );
}
