import { Failure } from '../setup/failure.mjs';

// What an entity shows of its repository follows these; operating.md lists them for organisations of one's own.
const EVENTS = ['push', 'repository', 'workflow_run', 'check_run', 'check_suite', 'release', 'package', 'registry_package'];

/**
 * What the platform's admin does once at GitHub: an organisation webhook to us. A hook that is there with the same
 * address is brought up to date, so that every start may call this.
 */
export async function ensureOrganisationWebhook({ github, publicUrl, secret }) {
  const hooks = `${github.url}/api/v3/orgs/${github.org}/hooks`;
  const url = `${publicUrl}/webhooks/github`;
  const body = { active: true, events: EVENTS, config: { url, content_type: 'json', secret } };
  const present = (await call(github, 'GET', `${hooks}?per_page=100`)).find(({ config }) => config?.url?.endsWith('/webhooks/github'));
  if (present) await call(github, 'PATCH', `${hooks}/${present.id}`, body);
  else await call(github, 'POST', hooks, { name: 'web', ...body });
}

async function call({ token }, method, url, body) {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, accept: 'application/vnd.github+json', 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  if (response.ok) return text ? JSON.parse(text) : undefined;
  throw new Failure('WEBHOOK_NOT_SET', `GitHub answered ${response.status} to ${method} ${new URL(url).pathname}: ${text.slice(0, 300)}`, {
    advice: 'See logs/sandbox.log in the data folder.',
  });
}
