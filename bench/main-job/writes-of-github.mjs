import { isOurs } from '../../tools/test/calls-of-steps.mjs';

/** A call of ours to GitHub's REST API that changes something. */
export function isRestWriteOfGithub(request) {
  return isOfGithub(request) && request.method !== 'GET' && request.path.startsWith('/api/');
}

export function isPush(request) {
  return isOfGithub(request) && request.path.endsWith('/git-receive-pack');
}

function isOfGithub(request) {
  return request.system === 'github' && isOurs(request);
}
