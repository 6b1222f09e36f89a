import { isByBot } from './others-work.js';

const actions = '41898282+github-actions[bot]@users.noreply.github.com';
const dependabot = '49699333+dependabot[bot]@users.noreply.github.com';

it.each<[string, string, string, boolean]>([
  ['a workflow with git', actions, actions, true],
  ['a workflow by an address without a number', 'github-actions[bot]@users.noreply.github.com', actions, true],
  ['a workflow on a server of its own', '7+github-actions[bot]@users.noreply.git.acme.example', actions, true],
  ['Dependabot, whose commits GitHub signs', dependabot, 'noreply@github.com', true],
  ['a person', 'ada@example.com', 'ada@example.com', false],
  ['a person on the web page', 'ada@example.com', 'noreply@github.com', false],
  ['a person who changed what a bot had made', actions, 'ada@example.com', false],
  ['a person whom a bot brought along', 'ada@example.com', actions, false],
  ['another bot', '1+renovate[bot]@users.noreply.github.com', 'noreply@github.com', false],
  ['a person called like one', 'github-actions@users.noreply.github.com', actions, false],
  ['nobody', '', '', false],
])('a commit by %s', (_title, author, committer, isBots) => {
  expect(isByBot(author, committer)).toBe(isBots);
});
