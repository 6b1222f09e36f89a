import type { FastifyInstance } from 'fastify';
import { assertWritable } from '../errors.js';
import type { Repository } from '../model.js';
import { paginate, type RepositoryPlace } from '../rest.js';
import type { World } from '../world.js';
import { issueView } from './issue-view.js';
import { type Issue, type IssueChange, type IssueFields, type Issues, namesOf } from './issues.js';
import { type Label, labelView, sameName } from './labels.js';

interface IssuePlace {
  Params: RepositoryPlace['Params'] & { number: string };
}
interface LabelPlace {
  Params: RepositoryPlace['Params'] & { name: string };
}
interface ListPlace extends RepositoryPlace {
  Querystring: { state?: string; labels?: string; sort?: string; direction?: string };
}
type NewLabel = RepositoryPlace & { Body: { name: string; color?: string; description?: string } };

export function issueRoutes(app: FastifyInstance, world: World, issues: Issues): void {
  const open = ({ owner, repo, number }: IssuePlace['Params']) => {
    const repository = world.requireRepository(owner, repo);
    return { repository, issue: issues.require(repository, number) };
  };
  const labelViews = (labels: readonly Label[], repository: Repository) => labels.map((label) => labelView(label, repository, world));

  app.get<ListPlace>('/repos/:owner/:repo/issues', (request, reply) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    const { state = 'open', labels = '', direction } = request.query;
    const wanted = labels.split(',').filter(Boolean);
    const listed = issues.list(repository).filter((issue) => (state === 'all' || issue.state === state) && wanted.every((name) => has(issue, name)));
    if (direction === 'asc') listed.reverse();
    return paginate(listed, request, reply, world).map((issue) => issueView(issue, repository, world));
  });

  app.post<RepositoryPlace & { Body: IssueFields }>('/repos/:owner/:repo/issues', (request, reply) => {
    const repository = writable(request.params, world);
    const view = issueView(issues.create(repository, request.body), repository, world);
    return reply.code(201).header('location', view.url).send(view);
  });

  app.get<IssuePlace>('/repos/:owner/:repo/issues/:number', (request) => {
    const { repository, issue } = open(request.params);
    return issueView(issue, repository, world);
  });

  app.patch<IssuePlace & { Body: IssueChange }>('/repos/:owner/:repo/issues/:number', async (request) => {
    const { repository, issue } = open(request.params);
    assertWritable(repository);
    return issueView(await issues.change(repository, issue, request.body), repository, world);
  });

  app.get<IssuePlace>('/repos/:owner/:repo/issues/:number/labels', (request, reply) => {
    const { repository, issue } = open(request.params);
    return paginate(labelViews(issue.labels, repository), request, reply, world);
  });

  app.post<IssuePlace & { Body: Pick<IssueFields, 'labels'> }>('/repos/:owner/:repo/issues/:number/labels', (request) => {
    const { repository, issue } = open(request.params);
    assertWritable(repository);
    return labelViews(issues.addLabels(repository, issue, namesOf(request.body.labels)), repository);
  });

  app.delete<{ Params: IssuePlace['Params'] & { name: string } }>('/repos/:owner/:repo/issues/:number/labels/:name', (request) => {
    const { repository, issue } = open(request.params);
    assertWritable(repository);
    return labelViews(issues.removeLabel(repository, issue, request.params.name), repository);
  });

  app.get<RepositoryPlace>('/repos/:owner/:repo/labels', (request, reply) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    return paginate(labelViews(issues.labels.list(repository), repository), request, reply, world);
  });

  app.post<NewLabel>('/repos/:owner/:repo/labels', (request, reply) => {
    const repository = writable(request.params, world);
    const view = labelView(issues.labels.create(repository, request.body), repository, world);
    return reply.code(201).header('location', view.url).send(view);
  });

  app.get<LabelPlace>('/repos/:owner/:repo/labels/:name', (request) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    return labelView(issues.labels.require(repository, request.params.name), repository, world);
  });

  app.delete<LabelPlace>('/repos/:owner/:repo/labels/:name', (request, reply) => {
    const repository = writable(request.params, world);
    issues.deleteLabel(repository, issues.labels.require(repository, request.params.name));
    return reply.code(204).send();
  });
}

function writable({ owner, repo }: RepositoryPlace['Params'], world: World): Repository {
  const repository = world.requireRepository(owner, repo);
  assertWritable(repository);
  return repository;
}

function has(issue: Issue, name: string): boolean {
  return issue.labels.some((label) => sameName(label.name, name));
}
