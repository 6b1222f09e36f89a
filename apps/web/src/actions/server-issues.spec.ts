import { splitPage } from './form-page.js';
import { placeIssues } from './server-issues.js';

const pages = [splitPage({ properties: { name: {} } }), splitPage({ properties: { tags: { type: 'array' } } })];

describe('placeIssues', () => {
  it('brings each to its field, and what belongs to none to the whole form', () => {
    const placed = placeIssues(
      [
        { path: 'properties.name', code: 'pattern', message: 'Name is bad.' },
        { path: 'properties.tags.0', code: 'type', message: 'Tags must be a text.' },
        { path: 'properties.gone', code: 'unknown', message: '"gone" is not asked for.' },
        { path: 'entity', code: 'required', message: 'Say which.' },
      ],
      pages,
    );
    expect(placed.pages.map((issues) => issues.map(({ path, message }) => [path.join('.'), message]))).toEqual([[['name', 'Name is bad.']], [['tags.0', 'Tags must be a text.']]]);
    expect(placed.others).toEqual(['"gone" is not asked for.', 'Say which.']);
  });
});
