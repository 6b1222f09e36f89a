import { cyan, dim, green, red, say, yellow } from '../setup/terminal.mjs';

const STEP_SIGNS = {
  RUNNING: [cyan, '▸'],
  SUCCEEDED: [green, '✓'],
  FAILED: [red, '✗'],
  SKIPPED: [dim, '-'],
  CANCELLED: [yellow, '-'],
  UNDOING: [yellow, '↶'],
  UNDONE: [yellow, '↶'],
  UNDO_FAILED: [red, '✗'],
};
const LEVELS = { warn: yellow, error: red };

/**
 * A printer of a run's events, each with the seconds since the first: steps as they change, and their log lines. What a step
 * waits for is among these.
 */
export function eventPrinter() {
  let startedAt;
  return (event) => {
    startedAt ??= Date.parse(event.at);
    const line = describe(event);
    if (line) say(`${dim(`${((Date.parse(event.at) - startedAt) / 1000).toFixed(1).padStart(6)} s`)}  ${line}`);
  };
}

function describe(event) {
  switch (event.type) {
    case 'step':
      return describeStep(event);
    case 'log':
      return `  ${dim('│')} ${(LEVELS[event.level] ?? dim)(event.message)}`;
    case 'run':
      if (event.status === 'WAITING' || event.status === 'RUNNING') return undefined;
      return event.failure ? red(`${event.status}: ${event.failure.message}`) : dim(`run ${event.status.toLowerCase()}`);
    default:
      return undefined;
  }
}

function describeStep({ status, name, stepId, attempt, failure }) {
  const [colour, sign] = STEP_SIGNS[status] ?? [];
  if (!colour) return undefined;
  const detail = failure?.message ?? '';
  const again = status === 'RUNNING' && attempt > 1 ? dim(` (attempt ${attempt})`) : '';
  return `${colour(sign)} ${name || stepId}${again}${detail ? dim(`  ${detail}`) : ''}`;
}
