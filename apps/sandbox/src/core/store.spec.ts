import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Store } from './store.js';

interface Thing {
  name: string;
  parts: { size: number }[];
}

let folder: string;
let file: string;
let store: Store;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-store-'));
  file = join(folder, 'sandbox.db');
  store = Store.open(file);
});

afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const hat: Thing = { name: 'hat', parts: [{ size: 1 }] };

test('a document stays as it was set: the value is not to be changed any more', () => {
  const things = store.collection<Thing>('things');
  const given = structuredClone(hat);
  things.set('a', given);
  expect(() => (given.name = 'other')).toThrow(TypeError);
  expect(() => (given.parts[0]!.size = 2)).toThrow(TypeError);
  expect(things.get('a')).toEqual(hat);
});

test('a text is read as it was set, in this process and in the next', () => {
  const texts = store.collection<string>('texts');
  const text = '{"ü": "€ \u0000 \u{1F600}"}';
  texts.set('a', text);
  texts.set('b', '');
  store.close();
  store = Store.open(file);
  const read = store.collection<string>('texts');
  expect([read.get('a'), read.list().map(({ value }) => value), [...read.each()]]).toEqual([text, [text, ''], [text, '']]);
});

test('what is handed out is not to be changed', () => {
  const things = store.collection<Thing>('things');
  things.set('a', hat);
  expect(() => things.get('a')!.parts.push({ size: 2 })).toThrow(TypeError);
  expect(() => (things.list()[0]!.value.parts[0]!.size = 2)).toThrow(TypeError);
});

test('reads see each write at once, alone and in lists by prefix', () => {
  const things = store.collection<Thing>('things');
  const names = (prefix?: string) => things.list(prefix).map(({ key, value }) => `${key} ${value.name}`);
  things.set('a/1', hat);
  things.set('b/1', hat);
  expect([names('a/'), names()]).toEqual([['a/1 hat'], ['a/1 hat', 'b/1 hat']]);
  things.set('a/1', { ...hat, name: 'cap' });
  things.set('a/2', hat);
  expect([things.get('a/1')?.name, names('a/')]).toEqual(['cap', ['a/1 cap', 'a/2 hat']]);
  names().pop();
  expect(names('a/')).toHaveLength(2);
  expect([things.delete('a/1'), things.delete('a/1')]).toEqual([true, false]);
  expect([things.get('a/1'), names('a/')]).toEqual([undefined, ['a/2 hat']]);
  things.clear();
  expect([things.get('a/2'), names()]).toEqual([undefined, []]);
});

test('all who ask for a collection see what one of them writes', () => {
  const [mine, yours] = [store.collection<Thing>('things'), store.collection<Thing>('things')];
  expect([yours.get('a'), yours.list()]).toEqual([undefined, []]);
  mine.set('a', hat);
  expect([yours.get('a'), yours.list()]).toEqual([hat, [{ key: 'a', value: hat }]]);
});

test('another process sees what was written by the end of the turn, or once it is committed', async () => {
  const other = Store.open(file);
  const seen = () => other.collection('things').keys();
  const write = (key: string) => store.collection<Thing>('things').set(key, hat);
  write('a');
  expect(seen()).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen()).toEqual(['a']);
  write('b');
  store.commit();
  expect(seen()).toEqual(['a', 'b']);
  write('c');
  store.close();
  expect(seen()).toEqual(['a', 'b', 'c']);
  store = other;
});
