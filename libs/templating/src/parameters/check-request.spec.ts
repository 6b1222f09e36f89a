import type { Plan } from '@slipway/engine';
import { checkRequest, type GivenInputs, type RequestForm } from './check-request.js';
import { checkTypedAgain, neededAgain, withTypedSecrets } from './typed-secrets.js';

const form: RequestForm = {
  parameters: [
    {
      required: ['user', 'password'],
      properties: {
        user: { type: 'string' },
        password: { title: 'Password', type: 'string', minLength: 8, 'ui:field': 'Secret', default: undefined },
        token: { type: 'string', 'ui:field': 'Secret' },
      },
    },
  ],
  secrets: { schema: { type: 'object', required: ['apiKey'], properties: { apiKey: { title: 'API key', type: 'string', pattern: '^k-' }, password: { maxLength: 20 } } } },
};
const good: GivenInputs = { properties: { user: 'dana', password: 'correct horse' }, secrets: { apiKey: 'k-123' } };

describe('what a request brings', () => {
  it('is parted into values and secrets, wherever the secrets came', () => {
    const secrets = { password: 'correct horse', apiKey: 'k-123' };
    expect(checkRequest(form, good)).toEqual({ values: { user: 'dana' }, secrets, issues: [] });
    expect(checkRequest(form, { properties: { user: 'dana' }, secrets })).toEqual({ values: { user: 'dana' }, secrets, issues: [] });
  });

  it.each<[string, GivenInputs, { path: string; code: string; message?: string }[]]>([
    ['a secret that is missing', { ...good, properties: { user: 'dana' } }, [{ path: 'properties.password', code: 'required', message: 'Password is required.' }]],
    ['a secret left empty', { ...good, properties: { user: 'dana', password: '' } }, [{ path: 'properties.password', code: 'required' }]],
    ['a rule of its field', { ...good, properties: { user: 'dana', password: 'horse' } }, [{ path: 'properties.password', code: 'minLength' }]],
    ['the same, given apart', { properties: { user: 'dana' }, secrets: { apiKey: 'k-123', password: 'horse' } }, [{ path: 'secrets.password', code: 'minLength' }]],
    ['a rule of spec.secrets.schema', { ...good, secrets: { apiKey: '12345' } }, [{ path: 'secrets.apiKey', code: 'pattern' }]],
    ['the same about a field of the form', { ...good, properties: { user: 'dana', password: 'correct horse battery' } }, [{ path: 'properties.password', code: 'maxLength' }]],
    ['a secret that only a program gives, missing', { properties: good.properties }, [{ path: 'secrets.apiKey', code: 'required', message: 'API key is required.' }]],
    ['a secret of another type', { ...good, secrets: { apiKey: 12345 } }, [{ path: 'secrets.apiKey', code: 'type' }, { path: 'secrets.apiKey', code: 'required' }]],
    ['a secret nobody asks for', { ...good, secrets: { apiKey: 'k-123', other: 'hush-hush' } }, [{ path: 'secrets.other', code: 'unknown' }]],
    ['a parameter among the secrets', { ...good, secrets: { apiKey: 'k-123', user: 'hush-hush' } }, [{ path: 'secrets.user', code: 'unknown' }]],
    ['a secret that could not be told from words', { ...good, properties: { ...good.properties, token: 'abc' } }, [{ path: 'properties.token', code: 'secret_too_short' }]],
    ['a secret that is far too long', { ...good, properties: { ...good.properties, token: 'x'.repeat(70_000) } }, [{ path: 'properties.token', code: 'too_long' }]],
    ['half a character', { ...good, properties: { ...good.properties, token: 'abcd\ud800' } }, [{ path: 'properties.token', code: 'characters' }]],
    ['a name that reaches into objects', { ...good, secrets: JSON.parse('{"apiKey":"k-123","__proto__":"hush-hush"}') as Record<string, unknown> }, [{ path: 'secrets.__proto__', code: 'unknown' }]],
  ])('is refused for %s, without quoting a value', (_, given, issues) => {
    const found = checkRequest(form, given).issues;
    expect(found).toEqual(issues.map((issue) => expect.objectContaining(issue) as unknown));
    expect(JSON.stringify(found)).not.toMatch(/horse|12345|hush|battery/);
  });

  it('takes a field for a secret when any branch says so', () => {
    const properties = { kind: { type: 'string' }, key: { type: 'string' } };
    const branch = { properties: { kind: { const: 'private' }, key: { 'ui:field': 'Secret' } } };
    const checked = checkRequest({ parameters: [{ properties, dependencies: { kind: { oneOf: [branch] } } }] }, { properties: { kind: 'private', key: 'hush-hush' } });
    expect(checked).toEqual({ values: { kind: 'private' }, secrets: { key: 'hush-hush' }, issues: [] });
  });
});

describe('a secret that is asked for again', () => {
  const plan: Plan = { steps: [], onFailure: 'undo', deadlineMs: 1 };
  const known = withTypedSecrets(plan, form, { password: 'correct horse', apiKey: 'k-123' }).secrets ?? [];

  it('is known by its title and rules, and by no value', () => {
    expect(known).toEqual([
      { name: 'password', title: 'Password', schema: { allOf: [{ type: 'string', minLength: 8 }, { maxLength: 20 }] } },
      { name: 'apiKey', title: 'API key', schema: { allOf: [{ type: 'string', pattern: '^k-' }] } },
    ]);
    expect(neededAgain(known[0]!)).toEqual({ path: 'secrets.password', code: 'required', message: 'Password is needed again.' });
  });

  it('is checked by the rules it was first checked by', () => {
    expect(checkTypedAgain(known, { password: 'correct horse' })).toEqual({ secrets: { password: 'correct horse' }, issues: [] });
    expect(checkTypedAgain(known, { password: 'horse' }).issues).toMatchObject([{ path: 'secrets.password', code: 'minLength', message: 'Password must be at least 8 characters long.' }]);
    expect(checkTypedAgain(known, { password: 'correct horse battery' }).issues).toMatchObject([{ code: 'maxLength' }]);
    expect(checkTypedAgain(known, { other: 'hush-hush' }).issues).toMatchObject([{ path: 'secrets.other', code: 'unknown' }]);
  });
});
