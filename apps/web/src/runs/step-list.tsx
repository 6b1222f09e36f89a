import type { Failure, Step } from '../api/runs.js';
import { durationInWords } from '../shown/duration.js';
import { StatusBadge } from '../shown/status-badge.js';
import { itemOf } from './run-history.js';

interface StepListProps {
  steps: Step[];
  now: number;
  /** A failure that the page tells already, in full. */
  toldAbove: Failure | null;
}

/** The plan's steps in its order; several may be running at once. */
export function StepList({ steps, now, toldAbove }: StepListProps) {
  return (
    <ol className="rows steps">
      {steps.map((step) => (
        <li key={step.id} className="step" data-step={step.id} data-status={step.status}>
          <div className="step-head">
            <span className="step-name">{nameOf(step)}</span>
            <span className="step-time quiet small">{timeTaken(step, now)}</span>
            <StatusBadge status={step.status} />
          </div>
          {note(step, steps) && <p className="quiet small">{note(step, steps)}</p>}
          {step.failure && step.failure.message !== toldAbove?.message && (
            <p className="step-failure small">
              {step.failure.message} {step.failure.remedy}
            </p>
          )}
        </li>
      ))}
    </ol>
  );
}

function nameOf({ id, name }: Step): string {
  const item = itemOf(id);
  return item ? `${name}, ${item.number}` : name;
}

function timeTaken({ startedAt, endedAt, status }: Step, now: number): string {
  if (!startedAt) return '';
  if (endedAt) return durationInWords(Date.parse(endedAt) - Date.parse(startedAt));
  const inFlight = status === 'RUNNING' || status === 'WAITING';
  return inFlight ? durationInWords(Math.max(0, now - Date.parse(startedAt))) : '';
}

/** What the step waits for, and how often it was tried. */
function note(step: Step, steps: readonly Step[]): string {
  const parts: string[] = [];
  if (step.waitingFor) parts.push(`waits for ${step.waitingFor}`);
  else if (step.status === 'PENDING') parts.push(...waitsForSteps(step, steps));
  if (step.attempt > 1) parts.push(`attempt ${step.attempt}`);
  return parts.join(' · ');
}

function waitsForSteps(step: Step, steps: readonly Step[]): string[] {
  const open = step.needs.flatMap((id) => steps.filter((other) => other.id === id && other.status !== 'SUCCEEDED' && other.status !== 'SKIPPED'));
  return open.length === 0 ? [] : [`after ${open.map(({ name }) => `“${name}”`).join(' and ')}`];
}
