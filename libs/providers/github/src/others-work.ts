import { matchesGlob } from 'node:path';
import type { ResourceContext } from '@slipway/engine';
import type { GithubClient } from './client.js';
import type { Repository } from './find-repository.js';
import { type Remote, withRemote } from './remote.js';
import { listRemoteRefs, type Refs } from './remote-refs.js';

interface Own {
  /** The one that we pushed. */
  commit: unknown;
  /** Globs of branches that bots make by what we pushed, such as a workflow that proposes a change. */
  botBranches: readonly string[];
}

/** What a repository holds that somebody made; undefined where all is ours, or bots made it where they were expected to. */
export async function othersWork(github: GithubClient, ctx: ResourceContext, repository: Repository, own: Own): Promise<string | undefined> {
  return withRemote(github, ctx, { repository, needs: { contents: 'read' } }, async (remote) => {
    const beyond = refsBeyond(await listRemoteRefs(remote), own);
    const unexpected = beyond.find(([ref]) => !isForBots(ref, own));
    const held = unexpected ?? (await firstOfPerson(remote, beyond, own));
    return held && `${shortName(held[0])} holds ${held[1].slice(0, 7)}, which we did not push`;
  });
}

type Ref = [name: string, commit: string];

function refsBeyond(refs: Refs, { commit: ours }: Own): Ref[] {
  return [...refs].filter(([, commit]) => commit !== ours);
}

/** What a pull request proposes stays when its branch goes: who made it decides, since it is called by a number. */
function isForBots(ref: string, { botBranches }: Own): boolean {
  if (botBranches.length === 0) return false;
  return ref.startsWith('refs/pull/') || (ref.startsWith('refs/heads/') && botBranches.some((glob) => matchesGlob(shortName(ref), glob)));
}

/** Names can be taken by anybody, so all that such refs add to our commit is looked at. */
async function firstOfPerson({ git, talk, local, repository }: Remote, refs: readonly Ref[], { commit: ours }: Own): Promise<Ref | undefined> {
  if (refs.length === 0) return undefined;
  const what = `read who made the commits of ${repository.fullName}`;
  const tips = [...new Set(refs.map(([, commit]) => commit))];
  await talk({ what, write: false }, ['fetch', '--quiet', '--no-tags', repository.cloneUrl, ...tips]);
  const listed = await local(what, () => git.run(['log', '--format=%S %H %ae %ce', ...tips]));
  for (const line of listed.trim().split('\n')) {
    const [tip, commit = '', author = '', committer = ''] = line.split(' ');
    if (commit === ours || isByBot(author, committer)) continue;
    return [refs.find(([, at]) => at === tip)?.[0] ?? '', commit];
  }
  return undefined;
}

/** GitHub itself signs as the committer of what Dependabot and a workflow's calls make; of a person's it keeps the author. */
export function isByBot(author: string, committer: string): boolean {
  return bot.test(author) && (bot.test(committer) || committer === 'noreply@github.com');
}

const bot = /^(?:\d+\+)?(?:github-actions|dependabot)\[bot\]@users\.noreply\.[\w.-]+$/;

function shortName(ref: string): string {
  return ref.replace(/^refs\/(heads\/|tags\/|(?=pull\/))/, '');
}
