import type { CallContext, GithubClient } from './client.js';
import { ownerAndRepo } from './repository-place.js';
import { absentIfNotFound } from './thing-in-repository.js';

/** What we use of GitHub's issue. A pull request is one, too. */
export interface Issue {
  number: number;
  htmlUrl: string;
  state: string;
  body: string;
  labels: string[];
}

export interface NewIssue {
  title: string;
  body: string;
  assignees?: string[] | undefined;
  milestone?: string | number | undefined;
  labels?: string[] | undefined;
}

export async function openIssue(github: GithubClient, ctx: CallContext, repository: string, { assignees, milestone, labels, ...text }: NewIssue): Promise<Issue> {
  const { data } = await github.call(ctx, {
    what: `open an issue in ${repository}`,
    ...{ write: true, needs: { issues: 'write' }, repository },
    send: (octokit) =>
      octokit.rest.issues.create({ ...ownerAndRepo(repository), ...text, ...(assignees && { assignees }), ...(milestone !== undefined && { milestone }), ...(labels && { labels }) }),
  });
  return toIssue(data);
}

export async function findIssue(github: GithubClient, ctx: CallContext, repository: string, number: number): Promise<Issue | undefined> {
  const call = { what: `look at ${repository}#${number}`, needs: { issues: 'read' }, repository } as const;
  const answer = await github
    .call(ctx, { ...call, send: (octokit) => octokit.rest.issues.get({ ...ownerAndRepo(repository), issue_number: number }) })
    .catch(absentIfNotFound);
  return answer && toIssue(answer.data);
}

/** The newest that is open and says `text`. */
export async function findOpenIssue(github: GithubClient, ctx: CallContext, repository: string, text: string): Promise<Issue | undefined> {
  const call = { what: `read the issues of ${repository}`, needs: { issues: 'read' }, repository } as const;
  const says = ({ body }: { body?: string | null | undefined }) => body?.includes(text) ?? false;
  const found = await github.call(ctx, {
    ...call,
    send: (octokit) =>
      octokit.paginate(octokit.rest.issues.listForRepo, { ...ownerAndRepo(repository), state: 'open', per_page: 100 }, ({ data }, done) => {
        if (data.some(says)) done();
        return data.filter(says);
      }),
  });
  return found[0] && toIssue(found[0]);
}

export async function closeIssue(github: GithubClient, ctx: CallContext, repository: string, number: number): Promise<void> {
  await github.call(ctx, {
    what: `close ${repository}#${number}`,
    ...{ write: true, needs: { issues: 'write' }, repository },
    send: (octokit) => octokit.rest.issues.update({ ...ownerAndRepo(repository), issue_number: number, state: 'closed', state_reason: 'not_planned' }),
  });
}

interface WireIssue {
  number: number;
  html_url: string;
  state: string;
  body?: string | null | undefined;
  labels: (string | { name?: string | undefined })[];
}

function toIssue({ number, html_url: htmlUrl, state, body, labels }: WireIssue): Issue {
  const names = labels.map((label) => (typeof label === 'string' ? label : (label.name ?? '')));
  return { number, htmlUrl, state, body: body ?? '', labels: names };
}
