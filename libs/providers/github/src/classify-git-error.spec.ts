import { classifyGitError } from './classify-git-error.js';
import { GitFailed, GitMissing } from './git.js';

const call = { what: 'push to acme/shop', write: true, tokenReference: 'env:GITHUB_TOKEN' };

describe('classifyGitError', () => {
  it.each([
    ["fatal: Authentication failed for 'https://github.com/acme/shop.git/'", 'fatal', 'github_unauthorized'],
    ["fatal: could not read Username for 'https://github.com': terminal prompts disabled", 'fatal', 'github_unauthorized'],
    [
      'remote: Write access to repository not granted.\nfatal: unable to access: The requested URL returned error: 403',
      'fatal',
      'github_forbidden',
    ],
    [
      '! [remote rejected] main (refusing to allow an OAuth App to create or update workflow `ci.yml` without `workflow` scope)',
      'fatal',
      'github_forbidden',
    ],
    ['remote: error: GH013: Repository rule violations found for refs/heads/main.', 'fatal', 'github_push_rejected'],
    [
      "remote: Repository not found.\nfatal: repository 'https://github.com/acme/shop.git/' not found",
      'retry',
      'github_repository_not_found',
    ],
    ['! [rejected] main -> main (fetch first)', 'retry', 'github_push_raced'],
    ['fatal: unable to access: Could not resolve host: github.com', 'retry', 'github_unreachable'],
    [
      "fatal: unable to access: Failed to connect to github.com port 443: Couldn't connect to server",
      'retry',
      'github_unreachable',
    ],
    ['error: RPC failed; HTTP 502 curl 22 The requested URL returned error: 502', 'lost', 'github_unreachable'],
    ['fatal: the remote end hung up unexpectedly', 'lost', 'github_unreachable'],
    ['server certificate verification failed. CAfile: none', 'fatal', 'github_certificate'],
    ['something nobody has seen', 'retry', 'github_git_failed'],
  ])('%s: %s', (said, classification, code) => {
    expect(classifyGitError(new GitFailed('push', said, false), call)).toMatchObject({ classification, code });
  });

  it('takes a push that was stopped as lost', () => {
    expect(classifyGitError(new GitFailed('push', 'stopped before it ended', true), call)).toMatchObject({
      classification: 'lost',
    });
  });

  it('says where there is no git', () => {
    expect(classifyGitError(new GitMissing(), call)).toMatchObject({ classification: 'fatal', code: 'github_git_missing' });
  });

  it('names the token by its reference', () => {
    expect(classifyGitError(new GitFailed('push', 'Authentication failed', false), call).remedy).toContain('env:GITHUB_TOKEN');
  });
});
