import type { FastifyInstance } from 'fastify';
import { readCommit, readCommits, resolveCommit } from '../../git/commits.js';
import { changedFiles, countAhead, mergeBase } from '../../git/history.js';
import { gitText } from '../../git/run-git.js';
import { restCommit } from '../commit-view.js';
import { GitHubError } from '../errors.js';
import { nodeId } from '../node-id.js';
import type { BranchProtections } from '../protection/branch-protections.js';
import { fullName } from '../repository-view.js';
import { paginate, type RepositoryPlace } from '../rest.js';
import type { World } from '../world.js';
import { fileChangeView } from './change-view.js';

const HEADS = 'refs/heads/';
const TAGS = 'refs/tags/';

/** Branches, tags and what lies between two commits. */
export function branchRoutes(app: FastifyInstance, world: World, protections: BranchProtections): void {
  app.get<RepositoryPlace>('/repos/:owner/:repo/branches', async (request, reply) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    const heads = [...(await world.refs(repository))].filter(([ref]) => ref.startsWith(HEADS));
    const api = `${world.apiUrl}/repos/${fullName(repository)}`;
    return paginate(heads, request, reply, world).map(([ref, sha]) => ({
      name: ref.slice(HEADS.length),
      commit: { sha, url: `${api}/commits/${sha}` },
      protected: protections.find(repository, ref.slice(HEADS.length)) !== undefined,
    }));
  });

  app.get<{ Params: RepositoryPlace['Params'] & { '*': string } }>('/repos/:owner/:repo/branches/*', async (request) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    const name = request.params['*'];
    const sha = (await world.refs(repository)).get(`${HEADS}${name}`);
    const commit = sha ? await readCommit(world.gitDirectory(repository), sha) : undefined;
    if (!commit) throw new GitHubError(404, 'Branch not found');
    const api = `${world.apiUrl}/repos/${fullName(repository)}/branches/${name}`;
    const protection = protections.find(repository, name);
    const contexts = protection?.rules.required_status_checks?.contexts ?? [];
    const level = contexts.length === 0 ? 'off' : protection?.rules.enforce_admins ? 'everyone' : 'non_admins';
    return {
      name,
      commit: restCommit(commit, repository, world),
      _links: { self: api, html: `${world.url}/${fullName(repository)}/tree/${name}` },
      protected: protection !== undefined,
      protection: {
        enabled: protection !== undefined,
        required_status_checks: { enforcement_level: level, contexts, checks: contexts.map((context) => ({ context, app_id: null })) },
      },
      protection_url: `${api}/protection`,
    };
  });

  app.get<RepositoryPlace>('/repos/:owner/:repo/tags', async (request, reply) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    const directory = world.gitDirectory(repository);
    const listed = await gitText(['for-each-ref', '--sort=-refname', '--format=%(refname) %(*objectname) %(objectname)', TAGS], { cwd: directory });
    const tags = listed.split('\n').filter(Boolean).map((line) => line.split(' '));
    const api = `${world.apiUrl}/repos/${fullName(repository)}`;
    return paginate(tags, request, reply, world).map(([ref = '', peeled = '', object = '']) => {
      const name = ref.slice(TAGS.length);
      const sha = peeled || object;
      const archive = (kind: string) => `${api}/${kind}/${ref}`;
      const commit = { sha, url: `${api}/commits/${sha}` };
      return { name, commit, zipball_url: archive('zipball'), tarball_url: archive('tarball'), node_id: nodeId('REF', `${repository.id}:${ref}`) };
    });
  });

  app.get<{ Params: RepositoryPlace['Params'] & { '*': string } }>('/repos/:owner/:repo/compare/*', async (request) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    const directory = world.gitDirectory(repository);
    const basehead = request.params['*'];
    const [baseName = '', headName = ''] = basehead.split('...');
    const [base, head] = await Promise.all([resolveCommit(directory, baseName), resolveCommit(directory, headName)]);
    if (!base || !head) throw new GitHubError(404, 'Not Found');
    const shared = await mergeBase(directory, base, head);
    if (!shared) throw new GitHubError(404, `No common ancestor between ${baseName} and ${headName}.`);
    const { ahead, behind } = await countAhead(directory, base, head);
    const commits = await readCommits(directory, ['--reverse', `${base}..${head}`]);
    const [baseCommit, sharedCommit] = await Promise.all([base, shared].map((sha) => readCommit(directory, sha)));
    if (!baseCommit || !sharedCommit) throw new GitHubError(404, 'Not Found');
    const html = `${world.url}/${fullName(repository)}/compare/${basehead}`;
    return {
      url: `${world.apiUrl}/repos/${fullName(repository)}/compare/${basehead}`,
      html_url: html,
      permalink_url: `${world.url}/${fullName(repository)}/compare/${base}...${head}`,
      diff_url: `${html}.diff`,
      patch_url: `${html}.patch`,
      base_commit: restCommit(baseCommit, repository, world),
      merge_base_commit: restCommit(sharedCommit, repository, world),
      status: ahead > 0 ? (behind > 0 ? 'diverged' : 'ahead') : behind > 0 ? 'behind' : 'identical',
      ahead_by: ahead,
      behind_by: behind,
      total_commits: commits.length,
      commits: commits.map((commit) => restCommit(commit, repository, world)),
      files: (await changedFiles(directory, shared, head)).map((change) => fileChangeView(change, head, repository, world)),
    };
  });
}
