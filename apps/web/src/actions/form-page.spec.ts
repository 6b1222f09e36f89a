import { propertyNames, splitPage } from './form-page.js';

describe('splitPage', () => {
  it('takes what says how a field looks out of what says what it accepts', () => {
    const page = splitPage({
      title: 'Your service',
      description: 'About it',
      required: ['size'],
      properties: {
        size: { type: 'string', enum: ['s', 'l'], enumNames: ['Small', 'Large'], 'ui:widget': 'radio' },
        tags: { type: 'array', items: { type: 'string', 'ui:help': 'Short' } },
      },
      'ui:order': ['tags', 'size'],
    });
    expect(page).toEqual({
      title: 'Your service',
      description: 'About it',
      schema: {
        type: 'object',
        required: ['size'],
        properties: { size: { type: 'string', enum: ['s', 'l'] }, tags: { type: 'array', items: { type: 'string' } } },
      },
      uiSchema: { size: { 'ui:enumNames': ['Small', 'Large'], 'ui:widget': 'radio' }, tags: { items: { 'ui:help': 'Short' } }, 'ui:order': ['tags', 'size'] },
    });
  });

  it('shows a field with an unknown widget in the usual way', () => {
    expect(splitPage({ properties: { repo: { type: 'string', 'ui:widget': 'RepoUrlPicker', 'ui:field': 'RepoUrlPicker' } } }).uiSchema).toEqual({});
  });

  it('hides what is typed into a secret field, wherever it is asked for', () => {
    const secret = { type: 'string', 'ui:field': 'Secret' };
    const page = splitPage({ properties: { kind: { type: 'string' }, key: secret }, dependencies: { kind: { oneOf: [{ properties: { kind: { const: 'x' }, token: secret } }] } } });
    expect(page.uiSchema).toEqual({ key: { 'ui:widget': 'password' }, token: { 'ui:widget': 'password' } });
  });

  it('keeps the look of conditional fields beside that of the others', () => {
    const page = splitPage({
      properties: { kind: { type: 'string', 'ui:autofocus': true } },
      allOf: [{ if: { properties: { kind: { const: 'x' } } }, then: { properties: { why: { type: 'string', 'ui:widget': 'textarea' } } } }],
    });
    expect(page.uiSchema).toEqual({ kind: { 'ui:autofocus': true }, why: { 'ui:widget': 'textarea' } });
    expect([...propertyNames(page.schema)]).toEqual(['kind', 'why']);
  });
});
