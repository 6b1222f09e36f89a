import { factsAsProperties } from './facts-as-properties.js';
import { mergeFacts, type Told } from './merge-facts.js';
import type { Check, HeadCommit, RepositoryFacts, RepositoryState } from '@slipway/contracts';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

function state(second: number, more: Partial<RepositoryState> = {}): Told {
  return { seen: { state: { fullName: 'acme/shop', url: 'https://git/acme/shop', defaultBranch: 'main', condition: 'active', at: at(second), ...more } } };
}

function push(sha: string, second: number, before: string | null = null, more: Partial<HeadCommit> = {}): Told {
  const commit = { branch: 'main', sha, before, message: sha, author: 'ada', url: `https://git/${sha}`, madeAt: at(0), at: at(second), ...more };
  return { seen: { ...state(1).seen, commit } };
}

function check(sha: string, second: number, more: Partial<Check>): Told {
  return { seen: { checks: [{ id: '1', sha, name: 'ci', status: 'completed', conclusion: 'success', url: null, attempt: 1, at: at(second), ...more }] } };
}

const release = (tag: string, second: number): Told => ({ seen: { release: { id: tag, tag, name: tag, url: `https://git/${tag}`, at: at(second) } } });
const image = (tag: string, second: number): Told => ({ seen: { image: { name: 'acme/shop', tag, digest: `sha256:${tag}`, url: 'https://git/p', at: at(second) } } });

const history: Told[] = [
  state(1),
  push('a', 2),
  check('a', 3, { status: 'queued', conclusion: null }),
  check('a', 3, { status: 'in_progress', conclusion: null }),
  check('a', 5, { conclusion: 'failure' }),
  check('a', 6, { status: 'queued', conclusion: null, attempt: 2 }),
  check('a', 8, { attempt: 2 }),
  push('b', 9, 'a'),
  // In the second of the one before, and told apart by what it found there.
  push('c', 9, 'b'),
  check('c', 10, { id: '2' }),
  check('c', 11, { id: '3', status: 'in_progress', conclusion: null }),
  check('c', 12, { id: '3' }),
  release('v1', 4),
  release('v2', 13),
  image('v1', 5),
  image('v2', 14),
  state(15, { fullName: 'acme/store', url: 'https://git/acme/store' }),
  state(16, { fullName: 'acme/store', url: 'https://git/acme/store', condition: 'archived' }),
];

function after(told: readonly Told[], known: RepositoryFacts = {}): RepositoryFacts {
  return told.reduce((facts, one) => mergeFacts(facts, one).facts, known);
}

it('the order in which a repository’s events come changes nothing', () => {
  const expected = factsAsProperties(after(history));
  expect(expected).toMatchObject({
    ...{ repository_state: 'archived', default_branch: 'main', latest_commit: { sha: 'c' }, checks: { state: 'success', sha: 'c', at: at(12) } },
    ...{ latest_release: { tag: 'v2' }, latest_image: { tag: 'v2' } },
  });
  // A push is not taken before the default branch is known, which every event tells.
  for (let seed = 1; seed <= 500; seed += 1) expect(factsAsProperties(after([state(1), ...shuffled(history, seed)]))).toEqual(expected);
});

it('an event that comes again, however late, changes nothing', () => {
  const facts = after(history);
  for (const told of history) expect(mergeFacts(facts, told)).toEqual({ facts, changed: false, unclear: false });
});

describe('where the order cannot be told', () => {
  it.each<[string, Told[], Told, Told]>([
    ['two pushes of one second', [push('a', 2)], push('b', 2), push('b', 2)],
    ['two changes of one second', [state(2)], state(2, { defaultBranch: 'trunk' }), state(2, { defaultBranch: 'trunk' })],
    ['two releases of one second', [release('v1', 2)], release('v2', 2), release('v2', 2)],
  ])('%s: the truth is asked for, and then counts', (_what, before, told, truth) => {
    const known = after(before);
    expect(mergeFacts(known, told)).toEqual({ facts: known, changed: false, unclear: true });
    expect(mergeFacts(known, { ...truth, isTruth: true })).toMatchObject({ facts: truth.seen, changed: true, unclear: false });
  });

  it('the commit of another default branch is asked for', () => {
    const known = after([push('a', 2)]);
    const merged = mergeFacts(known, state(3, { defaultBranch: 'trunk' }));
    expect(merged).toMatchObject({ changed: true, unclear: true });
    expect(merged.facts.commit).toBeUndefined();
  });

  it('the release before the one that was deleted is asked for', () => {
    const known = after([release('v1', 2), release('v2', 3)]);
    expect(mergeFacts(known, { seen: {}, goneRelease: 'v1' })).toEqual({ facts: known, changed: false, unclear: false });
    expect(mergeFacts(known, { seen: {}, goneRelease: 'v2' })).toEqual({ facts: {}, changed: true, unclear: true });
    expect(mergeFacts(known, { seen: {}, goneRelease: '*', isTruth: true })).toEqual({ facts: {}, changed: true, unclear: false });
  });
});

it('a repository that was deleted stays so, though its last change bears the same time, unless it is seen to be there', () => {
  const known = after([state(2), state(2, { condition: 'deleted' }), state(2), state(1)]);
  expect(factsAsProperties(known)).toMatchObject({ repository_state: 'deleted' });
  expect(mergeFacts(known, { ...state(2), isTruth: true }).facts.state?.condition).toBe('active');
  expect(mergeFacts(after([state(2)]), { seen: {}, gone: true, isTruth: true }).facts.state?.condition).toBe('deleted');
});

it.each<[string, Partial<Check>[], string]>([
  ['all well', [{}, { conclusion: 'skipped' }], 'success'],
  ['one under way', [{}, { status: 'in_progress', conclusion: null }], 'pending'],
  ['one failed while another goes on', [{ conclusion: 'timed_out' }, { status: 'queued', conclusion: null }], 'failure'],
])('checks with %s', (_what, checks, expected) => {
  const told = checks.map((more, id) => check('a', 3, { id: String(id), ...more }));
  expect(factsAsProperties(after([push('a', 2), check('old', 1, { id: 'x', conclusion: 'failure' }), ...told]))).toMatchObject({ checks: { state: expected } });
});

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const rest = [...items];
  const result: T[] = [];
  for (let random = seed; rest.length > 0; ) {
    random = (random * 48_271) % 2_147_483_647;
    result.push(...rest.splice(random % rest.length, 1));
  }
  return result;
}
