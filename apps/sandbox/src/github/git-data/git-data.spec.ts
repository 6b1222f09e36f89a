import { jest } from '@jest/globals';
import { type GitHubUnderTest, startGitHub } from '../../testing/github-under-test.js';

// Git and many requests, on a machine that may be busy.
jest.setTimeout(30_000);

let github: GitHubUnderTest;

beforeAll(async () => {
  github = await startGitHub();
});

afterAll(() => github.stop());

const place = (repo: string) => ({ owner: github.owner, repo });

describe('the Git data API', () => {
  it('builds a commit from blobs and inline files, moves a branch to it, and git clones the same', async () => {
    await github.create('built', { auto_init: true });
    const { rest } = github.octokit;
    const at = place('built');
    const main = (await rest.git.getRef({ ...at, ref: 'heads/main' })).data.object.sha;
    const base = (await rest.git.getCommit({ ...at, commit_sha: main })).data.tree.sha;
    const blob = (await rest.git.createBlob({ ...at, content: Buffer.from([0, 255, 10]).toString('base64'), encoding: 'base64' })).data.sha;
    const tree = await rest.git.createTree({
      ...at,
      base_tree: base,
      tree: [
        { path: 'app/run.sh', mode: '100755', type: 'blob', content: '#!/bin/sh\n' },
        { path: 'logo.bin', mode: '100644', type: 'blob', sha: blob },
        { path: 'README.md', mode: '100644', type: 'blob', sha: null },
      ],
    });
    const author = { name: 'Ada', email: 'ada@example.com', date: '2026-01-02T03:04:05Z' };
    const asked = { ...at, message: 'Build it', tree: tree.data.sha, parents: [main], author };
    const commit = (await rest.git.createCommit(asked)).data;
    // Nothing in it is of now: whoever tries again makes the same commit.
    expect((await rest.git.createCommit(asked)).data.sha).toBe(commit.sha);
    await rest.git.updateRef({ ...at, ref: 'heads/main', sha: commit.sha });

    const copy = await github.workingCopy('built');
    await copy.git('fetch', '--quiet', 'origin', 'main');
    expect(await copy.git('rev-parse', 'FETCH_HEAD')).toBe(commit.sha);
    expect(await copy.git('ls-tree', '-r', '--format=%(objectmode) %(path)', 'FETCH_HEAD')).toBe('100755 app/run.sh\n100644 logo.bin');
    expect(await copy.git('log', '-1', '--format=%an %aI %s', 'FETCH_HEAD')).toBe('Ada 2026-01-02T03:04:05+00:00 Build it');
    const listed = (await rest.git.getTree({ ...at, tree_sha: 'main', recursive: '1' })).data.tree.map(({ path }) => path);
    expect(listed).toEqual(['app', 'app/run.sh', 'logo.bin']);
    expect((await rest.git.getBlob({ ...at, file_sha: blob })).data.content.trim()).toBe('AP8K');
    expect((await github.webhooks.next('push')).body).toContain('refs/heads/main');
  });

  it('makes, moves and deletes refs and annotated tags as GitHub words it', async () => {
    await github.create('refs', { auto_init: true });
    const { rest } = github.octokit;
    const at = place('refs');
    const first = (await rest.git.getRef({ ...at, ref: 'heads/main' })).data.object.sha;
    const { sha: tag } = (await rest.git.createTag({ ...at, tag: 'v1', message: 'One', object: first, type: 'commit' })).data;
    await rest.git.createRef({ ...at, ref: 'refs/tags/v1', sha: tag });
    expect((await rest.git.getRef({ ...at, ref: 'tags/v1' })).data.object).toMatchObject({ type: 'tag', sha: tag });
    expect((await rest.git.getTag({ ...at, tag_sha: tag })).data).toMatchObject({ message: 'One', object: { sha: first, type: 'commit' } });
    expect((await rest.repos.listTags(at)).data).toMatchObject([{ name: 'v1', commit: { sha: first } }]);
    await rest.git.createRef({ ...at, ref: 'refs/heads/topic', sha: first });
    expect((await rest.git.listMatchingRefs({ ...at, ref: 'heads/' })).data.map(({ ref }) => ref)).toEqual(['refs/heads/main', 'refs/heads/topic']);

    const wrong = [
      [() => rest.git.createRef({ ...at, ref: 'refs/heads/topic', sha: first }), 'Reference already exists'],
      [() => rest.git.createRef({ ...at, ref: 'refs/heads/x', sha: '0'.repeat(39) + '1' }), 'Object does not exist'],
      [() => rest.git.updateRef({ ...at, ref: 'heads/none', sha: first }), 'Reference does not exist'],
      [() => rest.git.deleteRef({ ...at, ref: 'heads/none' }), 'Reference does not exist'],
    ] as const;
    for (const [call, message] of wrong) await expect(call()).rejects.toMatchObject({ status: 422, response: { data: { message } } });

    const aside = (await rest.git.createCommit({ ...at, message: 'aside', tree: (await rest.git.getCommit({ ...at, commit_sha: first })).data.tree.sha })).data.sha;
    const update = { ...at, ref: 'heads/topic', sha: aside };
    await expect(rest.git.updateRef(update)).rejects.toMatchObject({ response: { data: { message: 'Update is not a fast forward' } } });
    await rest.git.updateRef({ ...update, force: true });
    await rest.git.deleteRef({ ...at, ref: 'heads/topic' });
    await expect(rest.git.getRef({ ...at, ref: 'heads/topic' })).rejects.toMatchObject({ status: 404 });
    await github.webhooks.next('create');
    await github.webhooks.next('delete');
  });

  it('takes nothing into an empty repository but a file', async () => {
    await github.create('empty');
    const at = place('empty');
    const { rest } = github.octokit;
    const empty = { status: 409, response: { data: { message: 'Git Repository is empty.' } } };
    await expect(rest.git.createBlob({ ...at, content: 'x' })).rejects.toMatchObject(empty);
    await expect(rest.git.createTree({ ...at, tree: [{ path: 'a', mode: '100644', content: 'x' }] })).rejects.toMatchObject(empty);
    const content = Buffer.from('hello\n').toString('base64');
    const made = await rest.repos.createOrUpdateFileContents({ ...at, path: 'docs/hello.txt', message: 'Hello', content });
    expect(made.status).toBe(201);
    const sha = made.data.content?.sha ?? '';
    await expect(rest.repos.createOrUpdateFileContents({ ...at, path: 'docs/hello.txt', message: 'Again', content })).rejects.toMatchObject({ status: 422 });
    const stale = { ...at, path: 'docs/hello.txt', message: 'Stale', content, sha: '1'.repeat(40) };
    await expect(rest.repos.createOrUpdateFileContents(stale)).rejects.toMatchObject({ status: 409 });
    expect((await rest.repos.createOrUpdateFileContents({ ...stale, sha, content: Buffer.from('bye').toString('base64') })).status).toBe(200);
    const file = (await rest.repos.getContent({ ...at, path: 'docs/hello.txt' })).data as { sha: string };
    await rest.repos.deleteFile({ ...at, path: 'docs/hello.txt', message: 'Gone', sha: file.sha });
    await expect(rest.repos.getContent({ ...at, path: 'docs/hello.txt' })).rejects.toMatchObject({ status: 404 });
    expect((await rest.repos.listCommits(at)).data.map(({ commit }) => commit.message)).toEqual(['Gone', 'Stale', 'Hello']);
  });
});

describe('branches and pull requests', () => {
  it('compares, opens, follows and merges', async () => {
    await github.create('pulled', { auto_init: true });
    const { rest } = github.octokit;
    const at = place('pulled');
    const copy = await github.workingCopy('pulled');
    await copy.git('pull', '--quiet', 'origin', 'main');
    await copy.git('checkout', '--quiet', '-b', 'topic');
    const first = await copy.commit('Add a file', { 'a.txt': 'one\ntwo\n' });
    await copy.git('push', '--quiet', 'origin', 'topic');
    expect((await rest.repos.listBranches(at)).data.map(({ name }) => name)).toEqual(['main', 'topic']);
    expect((await rest.repos.getBranch({ ...at, branch: 'topic' })).data.commit.sha).toBe(first);
    const compared = (await rest.repos.compareCommitsWithBasehead({ ...at, basehead: 'main...topic' })).data;
    expect(compared).toMatchObject({ status: 'ahead', ahead_by: 1, files: [{ filename: 'a.txt', status: 'added', additions: 2 }] });

    const pull = (await rest.pulls.create({ ...at, title: 'Topic', head: 'topic', base: 'main', body: 'Please' })).data;
    expect(pull).toMatchObject({ number: 1, state: 'open', mergeable: true, commits: 1, changed_files: 1 });
    const again = rest.pulls.create({ ...at, title: 'Topic', head: 'topic', base: 'main' });
    await expect(again).rejects.toMatchObject({ status: 422, message: expect.stringContaining('A pull request already exists for acme:topic.') });
    await rest.pulls.update({ ...at, pull_number: 1, title: 'A better title' });
    const second = await copy.commit('More', { 'a.txt': 'one\n', 'b.txt': 'b\n' });
    await copy.git('push', '--quiet', 'origin', 'topic');
    expect((await rest.pulls.list({ ...at, head: 'acme:topic' })).data).toMatchObject([{ title: 'A better title', head: { sha: second } }]);
    expect((await rest.pulls.listFiles({ ...at, pull_number: 1 })).data.map(({ filename }) => filename)).toEqual(['a.txt', 'b.txt']);
    expect((await rest.pulls.listCommits({ ...at, pull_number: 1 })).data.map(({ sha }) => sha)).toEqual([first, second]);
    await expect(rest.pulls.checkIfMerged({ ...at, pull_number: 1 })).rejects.toMatchObject({ status: 404 });
    await expect(rest.pulls.merge({ ...at, pull_number: 1, sha: first })).rejects.toMatchObject({ status: 409 });
    const { sha } = (await rest.pulls.merge({ ...at, pull_number: 1 })).data;
    expect((await rest.pulls.get({ ...at, pull_number: 1 })).data).toMatchObject({ state: 'closed', merged: true, merge_commit_sha: sha });
    await copy.git('fetch', '--quiet', 'origin', 'main');
    expect(await copy.git('log', '-1', '--format=%H %P', 'FETCH_HEAD')).toContain(`${sha} `);
    for (const action of ['opened', 'edited', 'synchronize', 'closed']) await github.webhooks.next(`pull_request.${action}`);
  });

  it('does not merge what conflicts', async () => {
    await github.create('torn', { auto_init: true });
    const { rest } = github.octokit;
    const at = place('torn');
    const copy = await github.workingCopy('torn');
    await copy.git('pull', '--quiet', 'origin', 'main');
    await copy.git('checkout', '--quiet', '-b', 'topic');
    await copy.commit('Theirs', { 'README.md': 'theirs\n' });
    await copy.git('push', '--quiet', 'origin', 'topic');
    await copy.git('checkout', '--quiet', 'main');
    await copy.commit('Ours', { 'README.md': 'ours\n' });
    await copy.git('push', '--quiet', 'origin', 'main');
    expect((await rest.pulls.create({ ...at, title: 'Torn', head: 'topic', base: 'main' })).data.mergeable).toBe(false);
    await expect(rest.pulls.merge({ ...at, pull_number: 1 })).rejects.toMatchObject({ status: 405 });
    await rest.pulls.update({ ...at, pull_number: 1, state: 'closed' });
    await rest.pulls.update({ ...at, pull_number: 1, state: 'open' });
    await github.webhooks.next('pull_request.reopened');
  });
});
