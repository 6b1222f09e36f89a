import { exerciseStep, failureOf, type StepScene } from '@slipway/engine/testing';
import { githubForSuite, type GithubScene } from './testing/github-scene.js';

const { scene, api, sandbox, git, remoteOf } = githubForSuite();

const repoUrlOf = (name: string) => `${new URL(sandbox.github.url).host}?owner=${sandbox.github.org}&repo=${name}`;

exerciseStep('publish:github', async (): Promise<StepScene> => {
  const { step, name, fullName, ...rest } = await scene();
  return {
    ...rest,
    step: step('publish:github'),
    input: { repoUrl: repoUrlOf(name), description: 'A shop' },
    makes: ['github:repository'],
    count: async () => ((await api('GET', `/repos/${fullName}`)).status === 200 ? 1 : 0),
    foreign: {
      make: async () => void (await api('POST', `/orgs/${sandbox.github.org}/repos`, { name, description: 'Mine' })),
      look: async () => (await api('GET', `/repos/${fullName}`)).body,
      code: 'github_name_taken',
    },
  };
});

describe('publish:github', () => {
  const publish = ({ step, name, rig }: GithubScene, input: object = {}) => {
    const made = rig();
    return { rig: made, running: made.run(step('publish:github'), { repoUrl: repoUrlOf(name), ...input }) as Promise<Record<string, string>> };
  };

  it('answers what Backstage answers, and makes it as it was asked for', async () => {
    const found = await scene();
    const { rig, running } = publish(found, {
      ...{ defaultBranch: 'trunk', gitCommitMessage: 'Begin', gitAuthorName: 'Ada', gitAuthorEmail: 'ada@example.com', tag: 'v0.1.0' },
      ...{ topics: ['shop', 'web'], homepage: 'https://shop.example.com', allowMergeCommit: false, hasWiki: false, repoVisibility: 'private' },
    });
    const { remoteUrl, repoContentsUrl, commitHash } = await running;
    const { body } = await api('GET', `/repos/${found.fullName}`);
    expect(body).toMatchObject({ topics: ['shop', 'web'], homepage: 'https://shop.example.com', allow_merge_commit: false, has_wiki: false, private: true });
    expect([remoteUrl, repoContentsUrl]).toEqual([body['clone_url'], `${String(body['html_url'])}/blob/trunk`]);
    expect((await git('ls-remote', remoteOf(found.fullName), 'refs/*')).trim().split('\n')).toEqual([`${commitHash}\trefs/heads/trunk`, `${commitHash}\trefs/tags/v0.1.0`]);
    expect((await api('GET', `/repos/${found.fullName}/commits/trunk`)).body['commit']).toMatchObject({ message: 'Begin', author: { name: 'Ada', email: 'ada@example.com' } });
    expect(await rig.undo()).toEqual([{ outcome: 'removed' }]);
  });

  it.each<[string, object, string]>([
    ['another host', { repoUrl: 'github.com?owner=acme&repo=shop' }, 'github_repository_invalid'],
    ['another owner', { repoUrl: 'HOST?owner=others&repo=shop' }, 'github_other_owner'],
    ['no name', { repoUrl: 'HOST?owner=acme' }, 'github_repository_invalid'],
  ])('refuses %s', async (_title, given, code) => {
    const input = JSON.parse(JSON.stringify(given).replace('HOST', new URL(sandbox.github.url).host));
    expect(await failureOf(publish(await scene(), input).running)).toMatchObject({ code, classification: 'fatal', remedy: expect.any(String) });
  });

  it('pushes neither a secret nor what was never filled in, and says where they are', async () => {
    const token = sandbox.github.token;
    const found = await scene({ 'a.env': `X=1\nTOKEN=${token}\n`, 'README.md': '# ${{ values.name }}\n' });
    const { rig, running } = publish(found);
    const failure = await failureOf(running);
    expect(failure).toMatchObject({ code: 'github_push_secret', message: expect.stringMatching(/a\.env:2 \(a secret that this installation uses\)/) });
    expect(`${failure.message} ${failure.remedy}`).not.toContain(token);
    expect(await git('ls-remote', remoteOf(found.fullName))).toBe('');
    await rig.undo();

    const other = publish(await scene({ 'README.md': '# ${{ values.name }}\n', 'chart/x.yaml': '{{ .Values.x }}\n' }));
    expect(await failureOf(other.running)).toMatchObject({ code: 'github_push_unresolved', message: expect.stringContaining('README.md:1 (${{ values.name }})') });
    await other.rig.undo();
    const meant = publish(await scene({ 'docs/README.md': '# ${{ values.name }}\n' }), { allowPlaceholders: ['docs/**'] });
    await meant.running;
    await meant.rig.undo();
  });
});
