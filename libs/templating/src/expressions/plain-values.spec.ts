import { createTemplateRenderer } from 'nunjitsu';
import { plainValue } from './plain-values.js';

const context = {
  parameters: { name: 'shop', count: 3, on: false, nothing: null, tags: ['a', 'b'], brace: '{% raw %}', empty: '', none: 'n' },
  steps: { repository: { output: { url: 'http://x' } } },
};
const interpreter = createTemplateRenderer();

describe('a text that only names values', () => {
  it.each([
    '${{ parameters.name }}',
    '${{parameters.name}}',
    '${{\n  parameters.name\n}}',
    '${{ parameters.count }}',
    '${{ parameters.on }}',
    '${{ parameters.empty }}',
    '${{ parameters.none }}',
    '${{ parameters.tags.length }}',
    ' ${{ parameters.name }} ',
    'a\n${{ parameters.name }}-${{ steps.repository.output.url }}\n',
    '{${{ parameters.brace }}}$ %} }} {{ x }}',
    '$${{ parameters.name }}${{ parameters.empty }}',
    'nothing at all\n',
  ])('is what the interpreter makes of it: %j', (source) => {
    const value = plainValue(source, context);
    expect(value).toBeDefined();
    expect(value).toEqual(interpreter.renderValue(source, context));
  });

  it.each([
    '${{ parameters.missing }}',
    '${{ parameters.missing.name }}',
    '${{ parameters.name.length }}',
    '${{ parameters.nothing }}',
    '${{ parameters.tags }}',
    '${{ parameters.toString }}',
    'a ${{ parameters.count }}',
    'a ${{ parameters.nothing }}',
    '${{- parameters.name }}',
    '${{ parameters.name | upper }}',
    '${{ parameters["name"] }}',
    '${{ true }}',
    '${{ parameters.name',
    '{# a #}${{ parameters.name }}',
    '${{ parameters.name }} #}',
    '{% raw %}${{ parameters.name }}{% endraw %}',
  ])('is left to the interpreter where there is more to it: %j', (source) => {
    expect(plainValue(source, context)).toBeUndefined();
  });
});
