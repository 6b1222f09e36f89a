import { createStepRig } from '@slipway/engine/testing';
import { GitMissing, withGit } from './git.js';

const remote = { url: 'http://127.0.0.1:9/acme/shop.git', token: 'ghp_secret' };
const context = createStepRig({ kinds: [] }).context();

it('tells a worker without git from a git that failed', async () => {
  const { PATH } = process.env;
  process.env['PATH'] = import.meta.dirname;
  try {
    await expect(withGit(context, remote, (git) => git.run(['init']))).rejects.toBeInstanceOf(GitMissing);
  } finally {
    process.env['PATH'] = PATH;
  }
});

it('says what git said, without the token', async () => {
  const running = withGit(context, remote, (git) => git.run(['no-such-command', 'ghp_secret']));
  await expect(running).rejects.toMatchObject({ name: 'GitFailed', command: 'no-such-command', stopped: false });
  await expect(withGit(context, remote, (git) => git.run(['ghp_secret']))).rejects.toMatchObject({
    said: expect.stringContaining("'[secret]' is not a git command"),
  });
});
