import { buildSchema, getIntrospectionQuery, parse, specifiedRules, validate } from 'graphql';
import { limitQuery } from './query-limits.js';
import { schemaText } from './schema.generated.js';

const schema = buildSchema(schemaText);
const nested = buildSchema('type Query { a: Query b: Query id: ID }');

describe('limitQuery', () => {
  it.each<[string, string, RegExp | null]>([
    ['what the web asks', '{ run(id: "r_1") { id status steps { id failure { message } } } }', null],
    ['a schema explorer', getIntrospectionQuery(), null],
    [
      'the schema round and round',
      `{ __schema { types { ${'fields { type { '.repeat(4)} name ${'} } '.repeat(4)} } } }`,
      /is 11 levels deep/,
    ],
    [
      '2,000 aliases',
      `{ ${Array.from({ length: 2_000 }, (_, n) => `a${n}: run(id: "r") { id }`).join(' ')} }`,
      /asks 2000 things at once/,
    ],
    [
      'aliases behind a fragment',
      `{ ${'...f '.repeat(30)} } fragment f on Query { actions { identifier } }`,
      /asks 30 things at once/,
    ],
    [
      'fields multiplied by fragments',
      `{ run(id: "r") { ${'...f '.repeat(90)} } } fragment f on Run { id action status inputs createdAt updatedAt }`,
      /names 541 fields/,
    ],
  ])('%s', (_name, query, expected) => {
    const faults = validate(schema, parse(query), [limitQuery]).map((fault) => fault.message);
    if (expected) expect(faults).toContainEqual(expect.stringMatching(expected));
    else expect(faults).toEqual([]);
  });

  it.each<[string, string, number]>([
    ['8 levels', levels(8), 0],
    ['9 levels', levels(9), 1],
    [
      '9 levels through fragments',
      `{ a { a { a { ...f } } } } fragment f on Query { a { a { a { a { ...g } } } } } fragment g on Query { a { id } }`,
      1,
    ],
  ])('%s', (_name, query, faults) => {
    expect(validate(nested, parse(query), [limitQuery])).toHaveLength(faults);
  });

  it('a fragment that spreads itself is refused in no time', () => {
    const cycle = '{ ...f } fragment f on Query { a { ...f } b { ...f } }';
    expect(validate(nested, parse(cycle), [...specifiedRules, limitQuery]).length).toBeGreaterThan(0);
  });
});

function levels(count: number): string {
  return `{ ${'a { '.repeat(count - 1)} id ${'} '.repeat(count - 1)} }`;
}
