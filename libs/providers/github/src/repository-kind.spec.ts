import { parseRefs } from './remote-refs.js';
import { holdsOthersWork } from './repository-kind.js';

const ours = 'a'.repeat(40);
const other = 'b'.repeat(40);

describe('what may be deleted on undo', () => {
  it.each([
    ['empty', '', undefined],
    ['our branch', `${ours}\trefs/heads/main`, undefined],
    ['our branch and tag', `${ours}\trefs/heads/main\n${ours}\trefs/tags/v0.1.0`, undefined],
    ['an annotated tag on our commit', `${other}\trefs/tags/v1\n${ours}\trefs/tags/v1^{}`, undefined],
    ['a newer commit', `${other}\trefs/heads/main`, 'main holds bbbbbbb, which we did not push'],
    [
      'a branch of a person',
      `${ours}\trefs/heads/main\n${other}\trefs/heads/try/it`,
      'try/it holds bbbbbbb, which we did not push',
    ],
  ])('%s', (_title, listed, reason) => {
    expect(holdsOthersWork(parseRefs(listed), ours)).toBe(reason);
  });

  it('keeps whatever there is while we have recorded no commit', () => {
    expect(holdsOthersWork(parseRefs(`${other}\trefs/heads/main`), undefined)).toBeDefined();
  });
});
