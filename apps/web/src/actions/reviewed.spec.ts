import { splitPage } from './form-page.js';
import { reviewed } from './reviewed.js';

describe('what is shown of a page before the form is sent', () => {
  const page = splitPage({
    properties: {
      name: { type: 'string', title: 'Name' },
      tags: { type: 'array', items: { type: 'string' } },
      public: { type: 'boolean' },
      password: { type: 'string', title: 'Password', 'ui:field': 'Secret' },
      pin: { type: 'string', 'ui:widget': 'password' },
      inner: { type: 'string', 'ui:backstage': { review: { show: false } } },
      note: { type: 'string' },
    },
  });

  it('is each value in its order; of a secret only whether it was given', () => {
    expect(reviewed(page, { password: 'hunter2', name: 'shop', tags: ['a', 'b'], public: false, inner: 'x', note: '' })).toEqual([
      { name: 'name', title: 'Name', value: 'shop' },
      { name: 'tags', title: undefined, value: 'a, b' },
      { name: 'public', title: undefined, value: 'no' },
      { name: 'password', title: 'Password', value: 'set' },
      { name: 'pin', title: undefined, value: 'not set' },
    ]);
  });

  it('never is a secret', () => {
    expect(JSON.stringify(reviewed(page, { password: 'hunter2', pin: 'hunter3' }))).not.toMatch(/hunter/);
  });
});
