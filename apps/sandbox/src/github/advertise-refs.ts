import { remembering } from '../core/remember.js';
import { readHead, readRefs } from '../git/refs.js';
import { type GitOptions, runGit } from '../git/run-git.js';

/** The refs moved while git listed them. */
class Moved extends Error {}

const remember = remembering<string>(1_000);

/**
 * What git's server side opens a conversation with. It depends on the refs alone, in whichever repository they are, so git is asked
 * once for all whose refs are alike but for the commits: Argo CD looks again and again, and most apps have one branch and one tag.
 */
export async function advertiseRefs(subcommand: string, options: GitOptions & { cwd: string }): Promise<Buffer> {
  const protocol = options.env?.['GIT_PROTOCOL'] ?? '';
  const asked = `${subcommand} ${protocol}`;
  const run = async () => (await runGit([subcommand, '--stateless-rpc', '--advertise-refs', '.'], options)).toString('latin1');
  // Version 2 names the refs only when asked for them.
  if (subcommand === 'upload-pack' && protocol.includes('version=2')) return Buffer.from(await remember(asked, run), 'latin1');
  const before = await stateOf(options.cwd);
  const { shape, commits } = outlineOf(before);
  try {
    const said = await remember(`${asked} ${shape}`, async () => {
      const answer = await run();
      if ((await stateOf(options.cwd)) !== before) throw new Moved();
      return answer.replaceAll(LISTED_ID, (line, head: string, id: string) => (commits.includes(id) ? `${head}${placeholder(commits.indexOf(id))}` : line));
    });
    return Buffer.from(said.replaceAll(PLACEHOLDER, (_placeholder, index: string) => commits[Number(index)] ?? ''), 'latin1');
  } catch (error) {
    if (error instanceof Moved) return advertiseRefs(subcommand, options);
    throw error;
  }
}

async function stateOf(directory: string): Promise<string> {
  const refs = await readRefs(directory);
  return [await readHead(directory), ...[...refs].map(([name, id]) => `${id} ${name}`)].join('\n');
}

/**
 * An id at the beginning of a line, which itself begins with its length; names may look like ids too. Not what an annotated tag is
 * peeled to: the tag stays with it when a branch goes on.
 */
const LISTED_ID = /^([0-9a-f]{4})([0-9a-f]{40})(?= )(?!.*\^\{\}$)/gm;
const PLACEHOLDER = /@(\d{39})/g;

function placeholder(index: number): string {
  return `@${String(index).padStart(39, '0')}`;
}

/**
 * The state with a number in place of each commit that a branch points to. Other ids stay: they may be annotated tags, of which git
 * tells the commit as well.
 */
function outlineOf(state: string): { shape: string; commits: string[] } {
  const commits = [...new Set([...state.matchAll(/^([0-9a-f]{40}) refs\/heads\//gm)].map(([, id = '']) => id))];
  const shape = state.replaceAll(/^[0-9a-f]{40}(?= )/gm, (id) => (commits.includes(id) ? placeholder(commits.indexOf(id)) : id));
  return { shape, commits };
}
