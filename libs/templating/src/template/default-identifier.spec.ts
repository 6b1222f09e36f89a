import { defaultIdentifier } from './default-identifier.js';

const text = { type: 'string' };
const picker = { type: 'string', 'ui:field': 'RepoUrlPicker' };
const ofRepository = "${{ parameters['repoUrl'] | parseRepoUrl | pick('repo') | lower }}";

it.each([
  ['the usual name, where it is there for certain', { required: ['name'], properties: { name: text, repoUrl: picker } }, '${{ parameters.name }}'],
  ['one that has a default', { properties: { component_id: { ...text, default: 'shop' }, repoUrl: picker } }, '${{ parameters.component_id }}'],
  ['the repository, where the usual name may be left out', { required: ['repoUrl'], properties: { name: text, repoUrl: picker } }, ofRepository],
  ['a name that must be given', { required: ['host', 'repositoryName'], properties: { host: text, repositoryName: text, componentName: text } }, "${{ parameters['repositoryName'] }}"],
  ['a text without a default', { required: ['host', 'place'], properties: { host: { ...text, default: 'github.com' }, place: text } }, "${{ parameters['place'] }}"],
  ['the usual name all the same, where there is no other', { properties: { name: text } }, "${{ parameters['name'] }}"],
  ["the template's own name", { properties: { size: { type: 'number' } } }, 'my-path'],
])('takes %s', (_what, page, expected) => {
  expect(defaultIdentifier('My Path', [page])).toBe(expected);
});
