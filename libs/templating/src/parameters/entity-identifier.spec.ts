import { entityIdentifier } from './entity-identifier.js';
import type { LoadedTemplate } from '../template/load-template.js';

function template(identifier: string): Pick<LoadedTemplate, 'document'> {
  return { document: { spec: { identifier } } } as LoadedTemplate;
}

it.each([
  ['${{ parameters.app_name }}', 'shop'],
  ['${{ parameters.team }}-${{ parameters.app_name }}', 'core-shop'],
])('%s is %s', (expression, expected) => {
  expect(entityIdentifier(template(expression), { app_name: 'shop', team: 'core' })).toBe(expected);
});

it.each([
  ['no entity name', { app_name: 'Shop!' }],
  ['nothing', {}],
])('refuses %s, under the parameter’s path', (_, parameters) => {
  expect(() => entityIdentifier(template('${{ parameters.app_name }}'), parameters)).toThrow(
    expect.objectContaining({
      code: 'invalid_input',
      details: [expect.objectContaining({ path: 'properties.app_name' })],
    }) as Error,
  );
});
