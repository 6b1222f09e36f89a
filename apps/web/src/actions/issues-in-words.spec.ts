import { issuesOf } from './issues-in-words.js';

const schema = {
  type: 'object',
  required: ['name'],
  properties: {
    name: {
      title: 'Name', type: 'string', minLength: 1, maxLength: 5, pattern: '^[a-z]*$',
      not: { enum: ['sys'] },
      errorMessage: { pattern: 'holds lower-case letters alone', not: 'is taken by MySQL' },
    },
    size: { type: 'integer', minimum: 1 },
    mail: { title: 'Mail', type: 'string', format: 'email', errorMessage: 'Never shown for a format.' },
    tags: { title: 'Tags', type: 'array', items: { type: 'string', minLength: 2 } },
  },
};

describe('issuesOf', () => {
  it.each<[string, unknown, [path: string, message: string][]]>([
    ['what fits', { name: 'shop', size: 2, mail: 'a@example.com', tags: ['ab'] }, []],
    ['nothing', undefined, [['name', 'Name is required.']]],
    ['an emptied field', { name: undefined }, [['name', 'Name is required.']]],
    ['an empty text', { name: '' }, [['name', 'Name must not be empty.']]],
    ['a pattern with the author’s words', { name: 'Shop' }, [['name', 'Name holds lower-case letters alone.']]],
    ['a forbidden value', { name: 'sys' }, [['name', 'Name is taken by MySQL.']]],
    ['too long', { name: 'shopping' }, [['name', 'Name must be at most 5 characters long.']]],
    ['a text for a number', { name: 'a', size: 'x' }, [['size', 'size must be a whole number.']]],
    ['too little', { name: 'a', size: 0 }, [['size', 'size must be at least 1.']]],
    ['no address', { name: 'a', mail: 'x' }, [['mail', 'Mail must be a valid email.']]],
    ['an entry of a list', { name: 'a', tags: ['ab', 'c'] }, [['tags.1', 'Tags must be at least 2 characters long.']]],
  ])('of %s', (_name, values, expected) => {
    expect(issuesOf(schema, values).map(({ path, message }) => [path.join('.'), message])).toEqual(expected);
  });

  it('tells of a choice that nothing fits once, not of each of its branches', () => {
    const choice = { properties: { port: { title: 'Port', oneOf: [{ type: 'integer' }, { type: 'string', pattern: '^http' }] } } };
    expect(issuesOf(choice, { port: 'ftp' }).map(({ message }) => message)).toEqual(['Port fits none of the choices.']);
  });

  it('tells of conditions by what they demand', () => {
    const conditional = { if: { properties: { kind: { const: 'other' } } }, then: { required: ['which'] }, properties: { which: { title: 'Which' } } };
    expect(issuesOf(conditional, { kind: 'other' }).map(({ path, message }) => [path.join('.'), message])).toEqual([['which', 'Which is required.']]);
  });
});
