import type { FastifyInstance } from 'fastify';
import { restCommit } from '../commit-view.js';
import { assertWritable, GitHubError } from '../errors.js';
import { fileChangeView } from '../git-data/change-view.js';
import type { BranchProtections } from '../protection/branch-protections.js';
import type { Pushes } from '../pushes.js';
import { paginate, type RepositoryPlace } from '../rest.js';
import type { World } from '../world.js';
import { pullItem, pullView } from './pull-view.js';
import type { Pulls } from './pulls.js';

interface PullPlace {
  Params: RepositoryPlace['Params'] & { number: string };
}
interface ListPlace extends RepositoryPlace {
  Querystring: { state?: string; head?: string; base?: string };
}
type NewPull = RepositoryPlace & { Body: { title?: string; body?: string; head: string; base: string; draft?: boolean } };
type PullChange = PullPlace & { Body: { title?: string; body?: string; state?: string; base?: string } };
type Merge = PullPlace & { Body: { sha?: string; merge_method?: string; commit_title?: string; commit_message?: string } | '' | undefined };

export function pullRoutes(app: FastifyInstance, world: World, pulls: Pulls, pushes: Pushes, protections: BranchProtections): void {
  const open = ({ owner, repo, number }: PullPlace['Params']) => {
    const repository = world.requireRepository(owner, repo);
    return { repository, pull: pulls.require(repository, number) };
  };
  const view = async ({ repository, pull }: ReturnType<typeof open>) => pullView(pull, await pulls.diff(repository, pull), repository, world);

  app.get<ListPlace>('/repos/:owner/:repo/pulls', (request, reply) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    const { state = 'open', head, base } = request.query;
    const listed = pulls.list(repository).filter((pull) => {
      if (state !== 'all' && pull.state !== state) return false;
      return (head === undefined || head === `${repository.owner}:${pull.head.ref}`) && (base === undefined || base === pull.base.ref);
    });
    return paginate(listed, request, reply, world).map((pull) => pullItem(pull, repository, world));
  });

  app.post<NewPull>('/repos/:owner/:repo/pulls', async (request, reply) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    assertWritable(repository);
    const made = await view({ repository, pull: await pulls.open(repository, request.body) });
    return reply.code(201).header('location', made.url).send(made);
  });

  app.get<PullPlace>('/repos/:owner/:repo/pulls/:number', (request) => view(open(request.params)));

  app.patch<PullChange>('/repos/:owner/:repo/pulls/:number', async (request) => {
    const { repository, pull } = open(request.params);
    assertWritable(repository);
    return view({ repository, pull: await pulls.change(repository, pull, request.body) });
  });

  app.get<PullPlace>('/repos/:owner/:repo/pulls/:number/files', async (request, reply) => {
    const { repository, pull } = open(request.params);
    const files = paginate(await pulls.files(repository, pull), request, reply, world);
    return files.map((change) => fileChangeView(change, pull.head.sha, repository, world));
  });

  app.get<PullPlace>('/repos/:owner/:repo/pulls/:number/commits', async (request, reply) => {
    const { repository, pull } = open(request.params);
    const commits = paginate(await pulls.commits(repository, pull), request, reply, world);
    return commits.map((commit) => restCommit(commit, repository, world));
  });

  app.get<PullPlace>('/repos/:owner/:repo/pulls/:number/merge', (request, reply) => {
    if (open(request.params).pull.mergedAt === null) throw new GitHubError(404, 'Not Found');
    return reply.code(204).send();
  });

  app.put<Merge>('/repos/:owner/:repo/pulls/:number/merge', async (request) => {
    const { repository, pull } = open(request.params);
    assertWritable(repository);
    const why = protections.mergeRefusal(repository, request.principal, pull.base.ref);
    if (why !== undefined) throw new GitHubError(405, why);
    const before = await world.refs(repository);
    const sha = await pulls.merge(repository, pull, request.body || {});
    await pushes.follow(repository, before);
    return { sha, merged: true, message: 'Pull Request successfully merged' };
  });
}
