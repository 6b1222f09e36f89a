import { classifyAnswer, classifySilence } from './classify-error.js';

const call = { what: 'create the application shop', write: true };

function body(code: number, message: string): string {
  return JSON.stringify({ error: message, code, message });
}

describe('classifyAnswer', () => {
  it.each([
    [401, body(16, 'invalid session: token has invalid claims: token is expired'), 'fatal', 'argocd_unauthorized'],
    [403, body(7, 'permission denied'), 'fatal', 'argocd_forbidden'],
    [403, body(7, 'cannot sync: blocked by sync window'), 'retry', 'argocd_sync_window'],
    [404, body(5, 'applications.argoproj.io "shop" not found'), 'fatal', 'argocd_not_found'],
    [
      400,
      body(3, 'existing application spec is different, use upsert flag to force update'),
      'fatal',
      'argocd_exists_differently',
    ],
    [
      400,
      body(3, 'existing repository spec is different; use upsert flag to force update'),
      'fatal',
      'argocd_exists_differently',
    ],
    [400, body(3, 'application spec for shop is invalid: InvalidSpecError: app path does not exist'), 'fatal', 'argocd_rejected'],
    [
      400,
      body(3, 'application spec for shop is invalid: InvalidSpecError: repository not accessible'),
      'retry',
      'argocd_repository_unreachable',
    ],
    [400, body(9, 'another operation is already in progress'), 'retry', 'argocd_operation_in_progress'],
    [400, body(9, 'application is deleting'), 'retry', 'argocd_deleting'],
    [400, body(9, 'Cannot sync to abc: auto-sync currently set to main'), 'fatal', 'argocd_rejected'],
    [500, body(2, 'error testing repository connectivity: remote repository is empty'), 'retry', 'argocd_repository_unreachable'],
    [500, body(13, 'boom'), 'retry', 'argocd_unavailable'],
    [503, body(14, 'connection refused'), 'retry', 'argocd_unavailable'],
    [504, body(4, 'context deadline exceeded'), 'lost', 'argocd_unavailable'],
    [499, body(1, 'context canceled'), 'lost', 'argocd_unavailable'],
    [400, body(3, 'existing project spec is different; use upsert flag to force update'), 'fatal', 'argocd_exists_differently'],
    [400, body(3, 'project is referenced by 2 applications'), 'retry', 'argocd_project_in_use'],
    [415, 'Invalid content type\n', 'fatal', 'argocd_rejected'],
    [502, '<html>bad gateway</html>', 'lost', 'argocd_unavailable'],
    [503, '<html>no upstream</html>', 'retry', 'argocd_unavailable'],
    [429, 'slow down', 'retry', 'argocd_rate_limited'],
  ])('HTTP %i %s: %s, %s', (status, text, classification, code) => {
    const error = classifyAnswer({ status, body: text }, call);
    expect(error).toMatchObject({ classification, code });
    expect(error.message).toMatch(/^Could not create the application shop: /);
    expect(error.remedy).toBeTruthy();
  });
});

it('tries a read again whose outcome changes nothing', () => {
  const answer = { status: 504, body: body(4, 'context deadline exceeded') };
  expect(classifyAnswer(answer, { ...call, write: false })).toMatchObject({ classification: 'retry' });
});

describe('classifySilence', () => {
  const withCode = (code: string): Error => new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });

  it.each([
    [withCode('ECONNREFUSED'), true, 'retry'],
    [withCode('UND_ERR_SOCKET'), true, 'lost'],
    [withCode('UND_ERR_SOCKET'), false, 'retry'],
    [new DOMException('timed out', 'TimeoutError'), true, 'lost'],
    [withCode('SELF_SIGNED_CERT_IN_CHAIN'), true, 'fatal'],
  ])('%s, write %s: %s', (error, write, classification) => {
    expect(classifySilence(error, { ...call, write })).toMatchObject({ classification, remedy: expect.any(String) });
  });
});
