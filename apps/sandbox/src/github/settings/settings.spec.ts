import { jest } from '@jest/globals';
import { type GitHubUnderTest, startGitHub } from '../../testing/github-under-test.js';

// Many requests, on a machine that may be busy.
jest.setTimeout(30_000);

let github: GitHubUnderTest;

beforeAll(async () => (github = await startGitHub()));

afterAll(() => github.stop());

const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPD1f+VyBqmJzEcIXVXVuzNQmFXwRFbFXk3IXjzkz7eN';

async function created(name: string): Promise<{ owner: string; repo: string }> {
  await github.create(name);
  return { owner: github.owner, repo: name };
}

describe('deploy keys', () => {
  it('are kept without their comment, and each opens one repository', async () => {
    const place = await created('keys');
    const { repos } = github.octokit.rest;
    const { data: key } = await repos.createDeployKey({ ...place, title: 'ci', key: `${publicKey} ada@example.com` });
    expect(key).toMatchObject({ title: 'ci', key: publicKey, read_only: false, verified: true });
    const other = await created('keys-2');
    await expect(repos.createDeployKey({ ...other, title: 'ci', key: publicKey })).rejects.toMatchObject({ status: 422, message: expect.stringContaining('key is already in use') });
    await repos.deleteDeployKey({ ...place, key_id: key.id });
    expect((await repos.listDeployKeys(place)).data).toEqual([]);
    await expect(repos.getDeployKey({ ...place, key_id: key.id })).rejects.toMatchObject({ status: 404 });
    await repos.createDeployKey({ ...other, title: 'ci', key: publicKey, read_only: true });
  });

  it.each(['no key', '-----BEGIN OPENSSH PRIVATE KEY-----', 'ssh-dss AAAAB3NzaC1kc3MAAACBAJ'])('are not %s', async (key) => {
    const place = { owner: github.owner, repo: 'no-keys' };
    await github.create('no-keys').catch(() => undefined);
    await expect(github.octokit.rest.repos.createDeployKey({ ...place, title: 'ci', key })).rejects.toMatchObject({ status: 422 });
  });
});

describe('autolinks', () => {
  it('are told apart by how they begin', async () => {
    const place = await created('links');
    const { repos } = github.octokit.rest;
    const link = { ...place, key_prefix: 'SHOP-', url_template: 'https://tickets.example.com/<num>' };
    const { data } = await repos.createAutolink({ ...link, is_alphanumeric: false });
    expect(data).toMatchObject({ key_prefix: 'SHOP-', is_alphanumeric: false });
    for (const key_prefix of ['SHOP-', 'SHOP', 'SHOP-A']) await expect(repos.createAutolink({ ...link, key_prefix })).rejects.toMatchObject({ status: 422 });
    expect((await repos.listAutolinks(place)).data).toHaveLength(1);
    await repos.deleteAutolink({ ...place, autolink_id: data.id });
    await expect(repos.getAutolink({ ...place, autolink_id: data.id })).rejects.toMatchObject({ status: 404 });
  });

  it.each([
    ['a prefix with a blank', { key_prefix: 'a b' }],
    ['an address without <num>', { url_template: 'https://tickets.example.com' }],
    ['what is no address', { url_template: '<num>' }],
  ])('refuse %s', async (_what, wrong) => {
    const place = { owner: github.owner, repo: 'no-links' };
    await github.create('no-links').catch(() => undefined);
    const link = { key_prefix: 'T-', url_template: 'https://tickets.example.com/<num>', ...wrong };
    await expect(github.octokit.rest.repos.createAutolink({ ...place, ...link })).rejects.toMatchObject({ status: 422 });
  });
});

describe('a site', () => {
  it('is built by a workflow, or from a branch that is there', async () => {
    const place = await created('site');
    const { repos } = github.octokit.rest;
    await expect(repos.getPages(place)).rejects.toMatchObject({ status: 404 });
    const source = { branch: 'main', path: '/docs' as const };
    await expect(repos.createPagesSite({ ...place, source })).rejects.toMatchObject({ status: 422, message: expect.stringContaining('The main branch must exist') });
    expect((await repos.createPagesSite({ ...place, build_type: 'workflow', source })).data).toMatchObject({ build_type: 'workflow', source });
    await expect(repos.createPagesSite({ ...place, build_type: 'workflow' })).rejects.toMatchObject({ status: 409 });
    await expect(repos.updateInformationAboutPagesSite({ ...place, build_type: 'legacy' })).rejects.toMatchObject({ status: 422 });
    await repos.createOrUpdateFileContents({ ...place, path: 'docs/index.md', message: 'Docs', content: 'SGk=' });
    await repos.updateInformationAboutPagesSite({ ...place, build_type: 'legacy', cname: 'shop.example.com' });
    expect((await repos.getPages(place)).data).toMatchObject({ build_type: 'legacy', cname: 'shop.example.com', source });
    await repos.deletePagesSite(place);
    await expect(repos.deletePagesSite(place)).rejects.toMatchObject({ status: 404 });
  });
});
