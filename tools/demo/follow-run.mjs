import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../setup/failure.mjs';
import { readServerSentEvents } from './server-sent-events.mjs';

const ENDED = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED', 'DECLINED']);
const RECONNECT_MS = 500;

/**
 * Follows a run's events to its end, each handed to `onEvent` once and in order. A connection that breaks is taken up
 * again after the last event seen. Throws a Failure when the run has not ended within `withinMs`.
 */
export async function followRun(api, runId, onEvent, { withinMs }) {
  const deadline = AbortSignal.timeout(withinMs);
  let lastEventId = 0;
  for (;;) {
    try {
      const body = await api.events(runId, lastEventId, deadline);
      for await (const { id, data } of readServerSentEvents(body)) {
        if (Number(id) <= lastEventId) continue;
        lastEventId = Number(id);
        const event = JSON.parse(data);
        onEvent(event);
        if (event.type === 'run' && ENDED.has(event.status)) return event.status;
      }
    } catch (error) {
      if (deadline.aborted) throw tooLong(runId, withinMs);
      if (error instanceof Failure) throw error;
    }
    if (deadline.aborted) throw tooLong(runId, withinMs);
    await pause(RECONNECT_MS);
  }
}

function tooLong(runId, withinMs) {
  return new Failure('RUN_NOT_ENDED', `Run ${runId} did not end within ${withinMs / 1000} s.`, {
    advice: 'It goes on by itself; see its page, and logs/worker-1.log and logs/worker-2.log in the data folder.',
  });
}
