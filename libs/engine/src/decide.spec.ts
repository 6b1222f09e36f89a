import { type Situation, decide } from './decide.js';
import type { PlannedStep } from './plan.js';
import type { StepRecord } from './ports/run-store.js';
import { goesFirstDepth } from './removal-order.js';
import { type LedgerResource, resourceKey } from './step-definition.js';
import { aRun, aStep } from './testing/exercise-run-store.js';

const now = new Date('2026-01-01T00:00:00Z');

describe('decide, forward', () => {
  it.each<[string, Partial<Record<string, Partial<StepRecord>>>, string[], string[]]>([
    ['what needs nothing starts, together', {}, [], ['start a', 'start b']],
    ['what is in flight does not start again', { a: { status: 'RUNNING' } }, ['a'], ['start b']],
    ['what was cut off starts again', { a: { status: 'RUNNING' } }, [], ['start a', 'start b']],
    ['a step waits for everything it needs', { a: done() }, ['b'], []],
    ['and starts once that is done', { a: done(), b: done() }, [], ['start c']],
    ['a skipped step holds nobody up', { a: done(), b: { status: 'SKIPPED' } }, [], ['start c']],
    ['everything done is the end', { a: done(), b: done(), c: done() }, [], ['finish SUCCEEDED']],
    ['a wait that is not over sleeps until then', { a: done(), b: done(), c: waiting(5_000) }, [], ['sleep 5000']],
    ['a wait that is over looks again', { a: done(), b: done(), c: waiting(0) }, [], ['start c']],
    ['after a failure nothing new starts', { a: { status: 'FAILED' } }, ['b'], []],
    ['and once nothing is in flight, back', { a: { status: 'FAILED' }, b: done() }, [], ['turn-back failure']],
  ])('%s', (_name, records, inFlight, expected) => {
    expect(moves(situation({ records, inFlight }))).toEqual(expected);
  });

  it('keeps what was made when the plan, or the step that failed, says so', () => {
    const records = { a: { status: 'FAILED' as const } };
    const keep = situation({ records });
    keep.run.plan.onFailure = 'keep';
    expect(moves(keep)).toEqual(['finish FAILED']);
    const keptByStep = situation({ records, plan: [step('a', [], { onFailure: 'keep' })] });
    expect(moves(keptByStep)).toEqual(['finish FAILED']);
  });

  it('on cancel aborts what is in flight, then goes back', () => {
    expect(moves(situation({ undoReason: 'cancel', inFlight: ['a'] }))).toEqual(['abort']);
    expect(moves(situation({ undoReason: 'cancel' }))).toEqual(['turn-back cancel']);
  });

  it('a run that never began is cancelled without more ado', () => {
    expect(moves(situation({ undoReason: 'cancel', status: 'QUEUED' }))).toEqual(['finish CANCELLED']);
  });

  it('past its deadline the run fails, whatever is in flight', () => {
    const late = situation({ inFlight: ['a'] });
    late.run.startedAt = new Date(now.getTime() - 60_000);
    expect(moves(late)).toEqual(['fail run_deadline_passed', 'abort']);
  });

  it('never wakes later than the deadline', () => {
    const long = situation({ records: { a: done(), b: done(), c: waiting(999_000) } });
    expect(moves(long)).toEqual(['sleep 60000']);
  });

  it('keeps to the bound on what runs at the same time', () => {
    const many = Array.from({ length: 9 }, (_, n) => step(`s${n}`, []));
    expect(moves({ ...situation({ plan: many }), maxParallel: 3 })).toEqual(['start s0', 'start s1', 'start s2']);
  });

  it('lets one writer have the workspace to itself, and readers share it', () => {
    const plan = [step('w', [], { action: 'write' }), step('r1', [], { action: 'read' }), step('r2', [], { action: 'read' }), step('n', [])];
    expect(moves(situation({ plan }))).toEqual(['start w', 'start n']);
    expect(moves(situation({ plan, records: { w: done() } }))).toEqual(['start r1', 'start r2', 'start n']);
  });
});

describe('decide, a step with items', () => {
  const plan = [step('a', [], { each: [] }), step('b', ['a'])];
  const items = (...statuses: Array<StepRecord['status']>): Record<string, Partial<StepRecord>> =>
    Object.fromEntries(statuses.map((status, n) => [`a[${n}]`, { status, parent: 'a', item: n }]));
  const split = { a: { status: 'RUNNING' as const } };

  it.each<[string, Partial<Record<string, Partial<StepRecord>>>, string[], string[]]>([
    ['is split when it is due', {}, [], ['start a']],
    ['its items start in its place, together', { ...split, ...items('PENDING', 'PENDING') }, [], ['start a[0]', 'start a[1]']],
    ['an item that was cut off starts again', { ...split, ...items('RUNNING', 'SUCCEEDED') }, [], ['start a[0]']],
    ['it waits for all of them', { ...split, ...items('SUCCEEDED', 'RUNNING') }, ['a[1]'], []],
    ['settled, they are gathered before anything else', { ...split, ...items('SUCCEEDED', 'SKIPPED') }, [], ['gather a']],
    ['none at all too', split, [], ['gather a']],
    ['once one failed no other begins', { ...split, ...items('FAILED', 'RUNNING', 'PENDING') }, ['a[1]'], []],
    ['and those that never will are not waited for', { ...split, ...items('FAILED', 'SUCCEEDED', 'PENDING') }, [], ['gather a']],
    ['gathered, it lets the next one go', { a: done(), ...items('SUCCEEDED') }, [], ['start b']],
    ['items of a step that is to be split anew wait for that', { ...items('PENDING') }, [], ['start a']],
  ])('%s', (_name, records, inFlight, expected) => {
    expect(moves(situation({ plan, records, inFlight }))).toEqual(expected);
  });

  it('lets items that write the workspace follow one another, even where one pauses', () => {
    const writers = [step('a', [], { each: [], action: 'write' })];
    const records = { ...split, ...items('WAITING', 'PENDING'), 'a[0]': { ...waiting(500), parent: 'a', item: 0 } };
    expect(moves(situation({ plan: writers, records }))).toEqual(['sleep 500']);
  });
});

describe('decide, after a failure', () => {
  const plan = [
    step('a', []),
    step('b', ['a']),
    step('always', ['b'], { when: 'always' }),
    step('because', ['b'], { when: 'failure' }),
    step('last', ['always'], { when: 'always' }),
  ];
  const failed = { status: 'FAILED' as const };

  it.each<[string, Partial<Record<string, Partial<StepRecord>>>, string[], string[]]>([
    ['without one, they have their turn like others', { a: done(), b: done() }, [], ['start always', 'start because']],
    ['or wait for it', { a: done() }, ['b'], []],
    ['after one, they begin though what they need never ran', { a: failed }, [], ['start always', 'start because']],
    ['but not while something ordinary is in flight', { a: failed, b: { status: 'RUNNING' } }, ['b'], []],
    ['one that was cut off will never run', { a: failed, b: { status: 'RUNNING' } }, [], ['start always', 'start because']],
    ['they wait for each other', { a: failed, always: { status: 'RUNNING' } }, ['always'], ['start because']],
    ['and follow each other, a failure of theirs too', { a: failed, always: failed, because: done() }, [], ['start last']],
    ['asleep, they are waited for', { a: failed, always: waiting(700), because: done() }, [], ['sleep 700']],
    ['then the run turns back', { a: failed, always: done(), because: done(), last: done() }, [], ['turn-back failure']],
  ])('%s', (_name, records, inFlight, expected) => {
    expect(moves(situation({ plan, records, inFlight }))).toEqual(expected);
  });

  it('none begins past the deadline or after a cancel', () => {
    const late = situation({ plan, records: { a: failed } });
    late.run.startedAt = new Date(now.getTime() - 60_000);
    expect(moves(late)).toEqual(['turn-back failure']);
    expect(moves({ ...late, inFlight: new Set(['always']) })).toEqual(['abort']);
    expect(moves(situation({ plan, records: { a: failed }, undoReason: 'cancel' }))).toEqual(['turn-back cancel']);
  });
});

describe('decide, backward', () => {
  const plan = [step('a', [])];
  const givenUp = { attempts: 6, givenUp: 1, since: now, until: now, reason: null };
  const two = [resource('one', 0), resource('two', 1), resource('three', 1)];

  it.each<[string, LedgerResource[], string[], string[]]>([
    ['the deepest goes first, together', two, [], ['remove two', 'remove three']],
    ['a right goes before the deepest, whichever run granted it', [{ ...resource('right', goesFirstDepth), runId: 'r_0' }, ...two], [], ['remove right']],
    ['the next wave waits for the last', [resource('one', 0), resource('two', 1), gone('three')], [resourceKey(resource('two', 1))], []],
    ['then what it rested on', [resource('one', 0), gone('two'), gone('three')], [], ['remove one']],
    ['one that cannot be removed does not keep the others', [resource('one', 0), { ...resource('two', 1), state: 'REMOVE_FAILED', removal: givenUp }], [], ['remove one']],
    ['nothing left is the end', [gone('one'), gone('two')], [], ['finish FAILED']],
    ['what is to stay stays', [{ ...resource('one', 0), removal: null }], [], ['finish FAILED']],
    ['what is under way on the other side is slept on', [resource('one', 0), dueIn(9_000, 'two'), dueIn(5_000, 'three')], [], ['sleep 5000']],
    ['while others of its wave go on', [resource('two', 1), dueIn(5_000, 'three')], [], ['remove two']],
    ['a try that was cut off is made again', [{ ...resource('one', 0), removal: { ...givenUp, attempts: 1, until: null } }], [], ['remove one']],
    ['a failed one called up again is tried', [{ ...resource('one', 0), state: 'REMOVE_FAILED', removal: { ...givenUp, attempts: 5 } }], [], ['remove one']],
  ])('%s', (_name, resources, inFlight, expected) => {
    expect(moves(situation({ plan, status: 'UNDOING', undoReason: 'failure', resources, inFlight }))).toEqual(expected);
  });

  it('a cancelled run ends as cancelled', () => {
    expect(moves(situation({ plan, status: 'UNDOING', undoReason: 'cancel' }))).toEqual(['finish CANCELLED']);
  });
});

function situation(parts: {
  plan?: PlannedStep[];
  records?: Partial<Record<string, Partial<StepRecord>>>;
  inFlight?: string[];
  status?: 'QUEUED' | 'RUNNING' | 'UNDOING';
  undoReason?: 'failure' | 'cancel';
  resources?: LedgerResource[];
}): Situation {
  const steps = parts.plan ?? [step('a', []), step('b', []), step('c', ['a', 'b'])];
  const itemIds = Object.keys(parts.records ?? {}).filter((id) => id.includes('['));
  return {
    run: aRun({
      id: 'r_1',
      status: parts.status ?? 'RUNNING',
      undoReason: parts.undoReason ?? null,
      startedAt: now,
      plan: { steps, onFailure: 'undo', deadlineMs: 60_000 },
    }),
    steps: new Map([...steps.map(({ id }) => id), ...itemIds].map((id) => [id, { ...aStep(id), ...parts.records?.[id] }])),
    resources: parts.resources ?? [],
    inFlight: new Set(parts.inFlight ?? []),
    now,
    maxParallel: 8,
    workspaceUse: (action) => (action === 'write' || action === 'read' ? action : 'none'),
  };
}

function moves(of: Situation): string[] {
  return decide(of).map((move) => {
    switch (move.type) {
      case 'start':
        return `start ${move.step.id}`;
      case 'gather':
        return `gather ${move.step.id}`;
      case 'remove':
        return `remove ${move.resource.externalId}`;
      case 'sleep':
        return `sleep ${move.until.getTime() - now.getTime()}`;
      case 'finish':
        return `finish ${move.status}`;
      case 'turn-back':
        return `turn-back ${move.reason}`;
      case 'fail':
        return `fail ${move.failure.code}`;
      case 'abort':
        return 'abort';
    }
  });
}

function step(id: string, needs: string[], more: Partial<PlannedStep> = {}): PlannedStep {
  return { id, name: id, action: 'fake', needs, input: {}, timeoutMs: 1_000, retry: { attempts: 1, withinMs: 0 }, ...more };
}

function done(): Partial<StepRecord> {
  return { status: 'SUCCEEDED' };
}

function waiting(ms: number): Partial<StepRecord> {
  return { status: 'WAITING', wait: { for: 'wait', until: new Date(now.getTime() + ms), reason: 'not yet' } };
}

function resource(externalId: string, depth: number): LedgerResource {
  const made = { title: externalId, url: null, properties: {}, runId: 'r_1', stepId: 'a', note: null, removal: { attempts: 0, givenUp: 0, since: now, until: now, reason: null } };
  return { kind: 'fake:thing', externalId, depth, state: 'CREATED', ...made };
}

function dueIn(ms: number, externalId: string): LedgerResource {
  const removal = { attempts: 0, givenUp: 0, since: now, until: new Date(now.getTime() + ms), reason: 'deleting' };
  return { ...resource(externalId, 1), removal };
}

function gone(externalId: string): LedgerResource {
  return { ...resource(externalId, 1), state: 'REMOVED' };
}
