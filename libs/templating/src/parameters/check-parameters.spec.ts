import type { FormPage } from '@slipway/contracts';
import { checkParameters } from './check-parameters.js';
import { secretFields } from './secret-fields.js';

const name = {
  title: 'Name',
  type: 'string',
  maxLength: 10,
  pattern: '^[a-z]+$',
  errorMessage: 'must hold only lower-case letters',
  'ui:autofocus': true,
};
const pages: FormPage[] = [
  { title: 'First', required: ['name'], properties: { name, kind: { type: 'string', enum: ['web', 'job'], default: 'web' } } },
  {
    properties: { replicas: { type: 'integer', minimum: 1, default: 2 }, mail: { type: 'string', format: 'email' } },
    dependencies: {
      kind: {
        oneOf: [
          { properties: { kind: { const: 'web' } } },
          { properties: { kind: { const: 'job' }, schedule: { type: 'string', title: 'Schedule' } }, required: ['schedule'] },
        ],
      },
    },
  },
];

it('applies the defaults of every page', () => {
  expect(checkParameters(pages, { name: 'shop' })).toEqual({
    values: { name: 'shop', kind: 'web', replicas: 2 },
    secrets: {},
    issues: [],
  });
});

it('leaves what was sent as it was', () => {
  const sent = { name: 'shop' };
  checkParameters(pages, sent);
  expect(sent).toEqual({ name: 'shop' });
});

it.each<[string, Record<string, unknown>, { path: string; code: string; message: string }[]]>([
  ['missing', {}, [{ path: 'properties.name', code: 'required', message: 'Name is required.' }]],
  [
    'a pattern, in its author’s words',
    { name: 'Shop!' },
    [{ path: 'properties.name', code: 'pattern', message: 'Name must hold only lower-case letters.' }],
  ],
  [
    'too long, and the pattern never run',
    { name: `${'a'.repeat(11)}!` },
    [{ path: 'properties.name', code: 'maxLength', message: 'Name must be at most 10 characters long.' }],
  ],
  ['the wrong type', { name: 7 }, [{ path: 'properties.name', code: 'type', message: 'Name must be a text.' }]],
  [
    'outside an enumeration',
    { name: 'a', kind: 'x' },
    [{ path: 'properties.kind', code: 'enum', message: 'kind must be one of: web, job.' }],
  ],
  [
    'a format',
    { name: 'a', mail: 'nobody' },
    [{ path: 'properties.mail', code: 'format', message: 'mail must be a valid email.' }],
  ],
  [
    'not asked for',
    { name: 'a', other: 1 },
    [{ path: 'properties.other', code: 'unknown', message: '"other" is not asked for by this action.' }],
  ],
])('%s', (_, sent, issues) => {
  expect(checkParameters(pages, sent).issues).toEqual(expect.arrayContaining(issues));
});

it('reports all faults of all pages at once', () => {
  const paths = checkParameters(pages, { name: 'Shop', replicas: 0, other: 1 }).issues.map((issue) => issue.path);
  expect(paths).toEqual(['properties.other', 'properties.name', 'properties.replicas']);
});

it('knows properties that only a dependency asks for', () => {
  expect(checkParameters(pages, { name: 'a', kind: 'job', schedule: 'daily' }).issues).toEqual([]);
  const missing = checkParameters(pages, { name: 'a', kind: 'job' }).issues;
  expect(missing).toContainEqual({ path: 'properties.schedule', code: 'required', message: 'Schedule is required.' });
});

it('takes a message per keyword', () => {
  const page = {
    properties: { ns: { title: 'Namespace', type: 'string', not: { pattern: '^kube-' }, errorMessage: { not: 'is reserved' } } },
  };
  expect(checkParameters([page], { ns: 'kube-system' }).issues).toEqual([
    { path: 'properties.ns', code: 'not', message: 'Namespace is reserved.' },
  ]);
});

describe('hostile values', () => {
  it.each(['{"__proto__":{"x":1}}', '{"name":"a","kind":{"constructor":{"prototype":{"x":1}}}}', '{"list":[{"prototype":1}]}'])(
    '%s',
    (json) => {
      const { issues } = checkParameters(pages, JSON.parse(json) as Record<string, unknown>);
      expect(issues).toContainEqual(expect.objectContaining({ code: 'reserved' }));
      expect(({} as Record<string, unknown>)['x']).toBeUndefined();
    },
  );

  it('are refused when nested without end, without walking the stack', () => {
    const deep = JSON.parse(`{"name":${'['.repeat(5_000)}${']'.repeat(5_000)}}`) as Record<string, unknown>;
    expect(checkParameters(pages, deep).issues).toEqual([expect.objectContaining({ code: 'too_deep' })]);
  });

  it.each([
    ['^(a+)+$', `${'a'.repeat(5_000)}!`, 'pattern'],
    ['^(?=x)(a+)+$|^(a+)+\\1$', `${'a'.repeat(40)}!`, 'pattern_too_slow'],
    ['^a+$', 'a'.repeat(20_000), 'too_long'],
  ])('the pattern %s keeps nobody busy', (pattern, text, code) => {
    const page = { properties: { list: { type: 'array', items: { type: 'string', pattern } } } };
    const before = process.cpuUsage();
    const { issues } = checkParameters([page], { list: Array.from({ length: 20 }, () => text) });
    expect(issues).toContainEqual(expect.objectContaining({ path: 'properties.list.0', code }));
    expect(issues).toHaveLength(20);
    expect(computedMs(before)).toBeLessThan(2_000);
  });

  it.each<[string, object, unknown]>([
    ['a pattern for names', { type: 'object', patternProperties: { '^(a+)+$': { type: 'string' } } }, { [`${'a'.repeat(150)}!`]: 1 }],
    ['a format', { type: 'string', format: 'url' }, `http://${'a.'.repeat(50_000)}`],
    ['entries that must differ', { type: 'array', uniqueItems: true }, Array.from({ length: 4_000 }, (_, a) => ({ b: { a } }))],
    [
      'a choice in each of many entries',
      { type: 'array', items: { oneOf: [{ properties: { a: { const: 1 } } }, { properties: { a: { const: 2 } } }] } },
      Array.from({ length: 4_000 }, () => ({ a: 3 })),
    ],
  ])('%s keeps nobody busy', (_, schema, value) => {
    const before = process.cpuUsage();
    checkParameters([{ properties: { value: schema } }], { value });
    expect(computedMs(before)).toBeLessThan(1_500);
  });
});

describe('defaults', () => {
  const page: FormPage = {
    properties: {
      kind: { type: 'string', default: 'web' },
      nested: { type: 'object', properties: { deep: { type: 'number', default: 7 } } },
      list: { type: 'array', items: { type: 'object', properties: { port: { type: 'number', default: 80 } } } },
    },
    dependencies: {
      kind: {
        oneOf: [
          { properties: { kind: { const: 'web' }, port: { type: 'integer', default: 8080 } } },
          { properties: { kind: { const: 'job' }, schedule: { type: 'string', default: '@daily' } } },
        ],
      },
    },
    allOf: [
      {
        if: { properties: { port: { const: 8080 } }, required: ['port'] },
        then: { properties: { tls: { type: 'boolean', default: false } } },
        else: { properties: { tls: { type: 'boolean', default: true } } },
      },
    ],
  };

  it.each<[object, object]>([
    [{}, { kind: 'web', port: 8080, tls: false }],
    [{ kind: 'web', port: 1 }, { kind: 'web', port: 1, tls: true }],
    [{ kind: 'job' }, { kind: 'job', schedule: '@daily', tls: true }],
    [
      { kind: 'job', nested: {}, list: [{}, { port: 1 }] },
      { kind: 'job', schedule: '@daily', tls: true, nested: { deep: 7 }, list: [{ port: 80 }, { port: 1 }] },
    ],
  ])('of %j', (sent, values) => {
    expect(checkParameters([page], sent as Record<string, unknown>)).toMatchObject({ values, issues: [] });
  });

  it('of another page decide too', () => {
    const other = { allOf: [{ if: { properties: { kind: { const: 'web' } } }, then: { properties: { cdn: { default: 'on' } } } }] };
    expect(checkParameters([other, page], {}).values['cdn']).toBe('on');
  });
});

describe('in words', () => {
  const page: FormPage = {
    required: ['place'],
    properties: {
      place: { title: 'Place', type: 'string' },
      count: { title: 'Count', type: 'integer', minimum: 2, maximum: 4, multipleOf: 2 },
      tags: { title: 'Tags', type: 'array', minItems: 1, maxItems: 2, uniqueItems: true, items: { type: 'string', minLength: 1 } },
      owner: {
        title: 'Owner',
        type: 'object',
        required: ['mail'],
        properties: { mail: { title: 'Mail', type: 'string' } },
        additionalProperties: false,
      },
      budget: { type: 'number' },
      centre: { title: 'Cost centre', type: 'string' },
    },
    dependencies: { budget: ['centre'] },
    oneOf: [
      { properties: { place: { const: 'cloud' }, region: { title: 'Region', enum: ['eu', 'us'] } }, required: ['region'] },
      { properties: { place: { const: 'cellar' }, rack: { title: 'Rack', type: 'integer' } }, required: ['rack'] },
    ],
  };
  const right = { place: 'cellar', rack: 1 };

  it.each<[string, object, [string, string][]]>([
    ['too few', { count: 0 }, [['count', 'Count must be at least 2.']]],
    ['too many', { count: 6 }, [['count', 'Count must be at most 4.']]],
    ['no multiple', { count: 3 }, [['count', 'Count must be a multiple of 2.']]],
    ['an empty list', { tags: [] }, [['tags', 'Tags must not be empty.']]],
    ['too long a list', { tags: ['a', 'b', 'c'] }, [['tags', 'Tags must have at most 2 entries.']]],
    ['twice the same', { tags: ['a', 'a'] }, [['tags', 'Tags must not hold the same entry twice.']]],
    ['an empty entry', { tags: ['a', ''] }, [['tags.1', 'Tags, number 2, must not be empty.']]],
    ['a group without its part', { owner: {} }, [['owner.mail', 'Mail is required.']]],
    ['a group with a part too many', { owner: { mail: 'a', x: 1 } }, [['owner.x', 'x is not asked for.']]],
    ['what another value asks for', { budget: 1 }, [['centre', 'Cost centre is required when budget is given.']]],
    ['the branch that was meant', { rack: undefined }, [['rack', 'Rack is required.']]],
    ['a wrong value in the branch that was meant', { rack: 'x' }, [['rack', 'Rack must be a whole number.']]],
    ['no branch at all', { place: 'moon' }, [['place', 'Place must be one of: cloud, cellar.']]],
  ])('%s', (_, sent, expected) => {
    const given = JSON.parse(JSON.stringify({ ...right, ...sent })) as Record<string, unknown>;
    const { issues } = checkParameters([page], given);
    expect(issues.map(({ path, message }) => [path.replace('properties.', ''), message])).toEqual(expected);
  });
});

describe('secrets', () => {
  const page: FormPage = {
    required: ['token'],
    properties: { token: { title: 'Token', type: 'string', 'ui:field': 'Secret', minLength: 8, pattern: '^x' }, name: { type: 'string' } },
  };

  it('are no values', () => {
    expect(checkParameters([page], { token: 'x-hush-hush', name: 'a' })).toEqual({
      values: { name: 'a' },
      secrets: { token: 'x-hush-hush' },
      issues: [],
    });
  });

  it('are checked like any field, and quoted nowhere', () => {
    expect(checkParameters([page], {}).issues).toMatchObject([{ path: 'properties.token', code: 'required' }]);
    const { values, issues } = checkParameters([page], { token: 'hush' });
    expect(issues).toHaveLength(2);
    expect(JSON.stringify({ values, issues })).not.toContain('hush');
    expect(checkParameters([{ properties: { token: { 'ui:field': 'Secret' } } }], { token: { a: 'hush' } })).toMatchObject({
      secrets: {},
      issues: [{ path: 'properties.token', code: 'type' }],
    });
  });

  it('are found behind conditions', () => {
    const behind = { dependencies: { on: { oneOf: [{ properties: { key: { 'ui:field': 'Secret' } } }] } } };
    expect(secretFields([page, behind])).toEqual(new Set(['token', 'key']));
  });
});

describe('fields of Backstage', () => {
  const picker = { title: 'Repository', type: 'string', 'ui:field': 'RepoUrlPicker' };
  const strict = { ...picker, 'ui:options': { allowedHosts: ['github.com'], allowedOwners: ['acme', 'labs'] } };

  it.each<[object, string, string | null]>([
    [picker, 'github.com?owner=acme&repo=shop', null],
    [picker, 'shop', 'Repository must name a repository as host?owner=…&repo=….'],
    [strict, 'github.com?owner=labs&repo=shop', null],
    [strict, 'evil.example?owner=labs&repo=shop', 'Repository must have the host github.com.'],
    [strict, 'github.com?owner=other&repo=shop', 'Repository must have the owner acme or labs.'],
    [{ 'ui:field': 'EntityNamePicker' }, 'my-Service_1.0', null],
    [{ 'ui:field': 'EntityNamePicker' }, '-rf', 'value must begin and end with a letter or digit, hold only letters, digits, "-", "_" and ".", and have at most 63 characters.'],
  ])('%j takes %s: %s', (schema, value, message) => {
    const { issues } = checkParameters([{ properties: { value: schema } }], { value });
    expect(issues.map((issue) => issue.message)).toEqual(message === null ? [] : [message]);
  });
});

it('overlooks what is no JSON Schema, as Backstage does', () => {
  const page = { required: 'name', properties: { name: { type: 'string', required: true, enum: [], minLength: 'x', maxLength: 3 } } };
  expect(checkParameters([page], { name: 'abcd' }).issues).toMatchObject([{ code: 'maxLength' }]);
  expect(checkParameters([page], { name: 'abc' }).issues).toEqual([]);
});

/** Of the processor, which a busy machine does not change as it changes the time that passes. */
function computedMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
