import { remembering } from '../core/remember.js';
import { readHead, readRefs } from '../git/refs.js';
import { type GitOptions, runGit } from '../git/run-git.js';

/** The refs moved while git listed them. */
class Moved extends Error {}

const remember = remembering<Buffer>(1_000);

/**
 * What git's server side opens a conversation with. It depends on the refs alone, in whichever repository they are, so while they
 * stay the same git is asked once: Argo CD looks again and again, and each app begins with an empty repository.
 */
export async function advertiseRefs(subcommand: string, options: GitOptions & { cwd: string }): Promise<Buffer> {
  const protocol = options.env?.['GIT_PROTOCOL'] ?? '';
  const asked = `${subcommand} ${protocol}`;
  const run = () => runGit([subcommand, '--stateless-rpc', '--advertise-refs', '.'], options);
  // Version 2 names the refs only when asked for them.
  if (subcommand === 'upload-pack' && protocol.includes('version=2')) return remember(asked, run);
  const before = await stateOf(options.cwd);
  try {
    return await remember(`${asked} ${before}`, async () => {
      const said = await run();
      if ((await stateOf(options.cwd)) !== before) throw new Moved();
      return said;
    });
  } catch (error) {
    if (error instanceof Moved) return advertiseRefs(subcommand, options);
    throw error;
  }
}

async function stateOf(directory: string): Promise<string> {
  return [await readHead(directory), ...(await readRefs(directory))].join(' ');
}
