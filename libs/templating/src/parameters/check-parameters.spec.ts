import type { FormPage } from '@slipway/contracts';
import { checkParameters } from './check-parameters.js';

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
  expect(checkParameters(pages, { name: 'shop' })).toEqual({ values: { name: 'shop', kind: 'web', replicas: 2 }, issues: [] });
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

  it('cannot keep a pattern busy', () => {
    const page = { properties: { text: { type: 'string', pattern: '^(a+)+$' } } };
    const started = performance.now();
    const { issues } = checkParameters([page], { text: `${'a'.repeat(40)}!` });
    expect(issues).toEqual([expect.objectContaining({ path: 'properties.text', code: 'pattern_too_slow' })]);
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  it('are refused when a pattern without maxLength meets a very long text', () => {
    const page = { properties: { text: { type: 'string', pattern: '^a+$' } } };
    expect(checkParameters([page], { text: 'a'.repeat(5_000) }).issues).toEqual([expect.objectContaining({ code: 'too_long' })]);
  });
});
