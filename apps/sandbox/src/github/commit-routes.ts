import type { FastifyInstance } from 'fastify';
import { readCommit, readCommits, resolveCommit } from '../git/commits.js';
import { changedFiles, type FileChange } from '../git/history.js';
import { gitText } from '../git/run-git.js';
import { restCommit } from './commit-view.js';
import { GitHubError } from './errors.js';
import { fileChangeView } from './git-data/change-view.js';
import { requireRefs } from './require-refs.js';
import { pageOf, paginate, type RepositoryPlace } from './rest.js';
import type { World } from './world.js';

interface RefPlace {
  Params: RepositoryPlace['Params'] & { '*': string };
}

export function commitRoutes(app: FastifyInstance, world: World): void {
  app.get<RepositoryPlace & { Querystring: Record<string, string> }>('/repos/:owner/:repo/commits', async (request, reply) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    await requireRefs(repository, world);
    const directory = world.gitDirectory(repository);
    const start = await resolveCommit(directory, request.query['sha'] ?? repository.defaultBranch);
    if (!start) throw new GitHubError(404, 'Not Found');
    const path = request.query['path'] ? ['--', request.query['path']] : [];
    const { page, size } = pageOf(request);
    const total = Number(await gitText(['rev-list', '--count', start, ...path], { cwd: directory }));
    paginate(Array.from({ length: total }), request, reply, world);
    const window = [`--skip=${(page - 1) * size}`, `--max-count=${size}`];
    const commits = await readCommits(directory, [...window, start, ...path]);
    return commits.map((commit) => restCommit(commit, repository, world));
  });

  app.get<RefPlace>('/repos/:owner/:repo/commits/*', async (request) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    await requireRefs(repository, world);
    const revision = request.params['*'];
    const directory = world.gitDirectory(repository);
    const sha = await resolveCommit(directory, revision);
    const commit = sha ? await readCommit(directory, sha) : undefined;
    if (!commit) throw new GitHubError(422, `No commit found for SHA: ${revision}`);
    const files = await changedFiles(directory, commit.parents[0], commit.sha);
    const sum = (count: (file: FileChange) => number) => files.reduce((total, file) => total + count(file), 0);
    const [additions, deletions] = [sum((file) => file.additions), sum((file) => file.deletions)];
    return {
      ...restCommit(commit, repository, world),
      stats: { additions, deletions, total: additions + deletions },
      files: files.map((change) => fileChangeView(change, commit.sha, repository, world)),
    };
  });
}
