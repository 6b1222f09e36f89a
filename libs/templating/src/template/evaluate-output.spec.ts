import { createEvaluator } from '../expressions/evaluator.js';
import type { TemplateScope } from '../expressions/expression-context.js';
import { evaluateOutput } from './evaluate-output.js';

const scope: TemplateScope = {
  parameters: { name: 'shop', public: false },
  steps: { publish: { output: { remoteUrl: 'https://git/shop' } } },
  user: { ref: 'user:default/ada' },
  failed: false,
  context: { task: { id: 'r_1' }, entity: { blueprint: 'service', identifier: 'shop' } },
};

it('holds what is true of the run, and leaves out what speaks of steps that did not run', () => {
  const output = {
    links: [
      { title: 'Code of ${{ parameters.name }}', url: '${{ steps.publish.output.remoteUrl }}' },
      { title: 'Catalogue', icon: 'catalog', entityRef: '${{ steps.register.output.entityRef }}' },
      { title: 'Pull request', url: 'https://git/${{ steps.pr.output.number }}' },
      { title: 'Public', url: 'https://x', if: '${{ parameters.public }}' },
      { title: 'Private', url: 'https://y', if: '${{ not parameters.public }}' },
      { title: 'Never', url: 'https://z', if: false },
    ],
    text: [
      { title: 'Next', content: 'Clone **${{ parameters.name }}**' },
      { title: 'Other', content: '${{ steps.register.output.x }}' },
    ],
    remote: '${{ steps.publish.output.remoteUrl }}',
    missing: '${{ steps.register.output.x }}',
  };
  expect(evaluateOutput(output, createEvaluator(), scope)).toEqual({
    links: [
      { title: 'Code of shop', url: 'https://git/shop' },
      { title: 'Private', url: 'https://y' },
    ],
    text: [{ title: 'Next', content: 'Clone **shop**' }],
    values: { remote: 'https://git/shop' },
  });
});

it('may be empty', () => {
  expect(evaluateOutput({}, createEvaluator(), scope)).toEqual({ links: [], text: [], values: {} });
});
