import type { LogEvent, Resource, RunEvent } from '../api/run-events.js';
import type { Run, RunStatus } from '../api/runs.js';
import { emptyHistory, possibleDemands, runWithHistory, withEvents } from './run-history.js';

const at = (second: number): string => `2026-01-01T00:00:0${second}.000Z`;
const step = (seq: number, status: Extract<RunEvent, { type: 'step' }>['status'], attempt = 1): RunEvent => ({
  type: 'step', seq, at: at(seq), stepId: 'push', name: 'Push', status, attempt, waitingFor: null, failure: null,
});
const log = (seq: number): LogEvent => ({ type: 'log', seq, at: at(seq), line: seq, stepId: null, level: 'info', message: `line ${seq}` });
const resource = (seq: number, state: Resource['state'], url: string | null = null): RunEvent => ({
  type: 'resource', seq, at: at(seq), resource: { kind: 'github:repository', externalId: 'acme/shop', state, title: 'acme/shop', url },
});

describe('withEvents', () => {
  it('passes over what it has already, as after a resumed stream', () => {
    const first = withEvents(emptyHistory, [log(1), log(2)]);
    expect(withEvents(first, [log(2), log(3)]).lines.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('counts a step’s time over all attempts, and anew after a retry', () => {
    const steps = (events: RunEvent[]) => withEvents(emptyHistory, events).steps['push'];
    expect(steps([step(1, 'RUNNING'), step(2, 'WAITING'), step(3, 'RUNNING', 2), step(4, 'SUCCEEDED', 2)])).toMatchObject({ startedAt: at(1), endedAt: at(4), attempt: 2 });
    expect(steps([step(1, 'RUNNING'), step(2, 'FAILED'), step(3, 'RUNNING')])).toMatchObject({ startedAt: at(3), endedAt: null });
    expect(steps([step(1, 'RUNNING'), step(2, 'SUCCEEDED'), step(3, 'UNDOING'), step(4, 'UNDONE')])).toMatchObject({ startedAt: at(1), endedAt: at(2), status: 'UNDONE' });
    expect(steps([step(1, 'RUNNING'), step(2, 'FAILED'), step(3, 'PENDING')])).toMatchObject({ startedAt: null, endedAt: null });
  });

  it('shows each resource once, as it is now', () => {
    const { resources } = withEvents(emptyHistory, [resource(1, 'PLANNED'), resource(2, 'CREATED', 'https://example.com')]);
    expect(resources).toMatchObject([{ state: 'CREATED', url: 'https://example.com' }]);
  });
});

describe('runWithHistory', () => {
  it('keeps what was loaded until an event says otherwise', () => {
    const run = { ...runOf('QUEUED'), behind: ['r_0'] };
    expect(runWithHistory(run, emptyHistory)).toEqual(run);
    const history = withEvents(emptyHistory, [step(1, 'RUNNING'), { type: 'run', seq: 2, at: at(2), status: 'RUNNING', failure: null }]);
    expect(runWithHistory(run, history)).toMatchObject({ status: 'RUNNING', behind: [], steps: [{ id: 'push', name: 'Push', status: 'RUNNING' }] });
  });
});

describe('items of an each', () => {
  it('stand behind their step as they come into being, in their order', () => {
    const run = runOf('RUNNING');
    const item = (seq: number, number: number): RunEvent => ({ ...(step(seq, 'PENDING') as Extract<RunEvent, { type: 'step' }>), stepId: `push[${number}]` });
    const other = { ...run.steps[0]!, id: 'last', name: 'Last' };
    const history = withEvents(emptyHistory, [item(1, 10), item(2, 2), item(3, 0)]);
    const ids = runWithHistory({ ...run, steps: [...run.steps, other] }, history).steps.map(({ id }) => id);
    expect(ids).toEqual(['push', 'push[0]', 'push[2]', 'push[10]', 'last']);
    const loaded = { ...run, steps: [...run.steps, { ...run.steps[0]!, id: 'push[0]' }] };
    expect(runWithHistory(loaded, withEvents(emptyHistory, [item(1, 0)])).steps).toHaveLength(2);
  });
});

describe('possibleDemands', () => {
  const standing = withEvents(emptyHistory, [resource(1, 'CREATED')]).resources;
  const gone = withEvents(emptyHistory, [resource(1, 'REMOVED')]).resources;
  it.each<[RunStatus, readonly Resource[], string[]]>([
    ['QUEUED', [], ['cancel']],
    ['WAITING', standing, ['cancel']],
    ['UNDOING', standing, []],
    ['SUCCEEDED', standing, []],
    ['FAILED', standing, ['retry', 'undo']],
    ['FAILED', gone, ['retry']],
    ['CANCELLED', standing, ['retry', 'undo']],
    ['DECLINED', [], []],
  ])('of a run that is %s', (status, resources, expected) => {
    const possible = possibleDemands(runOf(status), resources);
    expect(Object.entries(possible).flatMap(([what, makesSense]) => (makesSense ? [what] : []))).toEqual(expected);
  });
});

function runOf(status: RunStatus): Run {
  return {
    id: 'r_1', action: 'deploy', operation: 'CREATE', entity: { blueprint: 'service', identifier: 'shop' }, status,
    requestedBy: 'dana', createdAt: at(0), endedAt: null, failure: null, behind: [],
    steps: [{ id: 'push', name: 'Push', status: 'PENDING', needs: [], attempt: 1, startedAt: null, endedAt: null, waitingFor: null, failure: null }],
    secrets: [],
    output: { links: [], text: [] },
  };
}
