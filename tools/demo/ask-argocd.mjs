/** Asks Argo CD how the application is; answers what it says, and throws unless it is Synced at `commit` and Healthy. */
export async function askArgocd({ argocd, application, commit }) {
  const { token } = await call(`${argocd.url}/api/v1/session`, {
    method: 'POST',
    // Argo CD takes exactly this content type, without a charset.
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: argocd.username, password: argocd.password }),
  });
  const name = application.split('/').at(-1);
  const { status } = await call(`${argocd.url}/api/v1/applications/${encodeURIComponent(name)}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const sync = status?.sync?.status ?? 'Unknown';
  const health = status?.health?.status ?? 'Unknown';
  if (sync !== 'Synced' || health !== 'Healthy') throw new Error(`${name} is ${sync} and ${health}`);
  const { revision } = status.sync;
  if (revision !== commit) throw new Error(`${name} runs ${revision}, and the repository holds ${commit}`);
  return `${sync} and ${health} at that commit`;
}

async function call(url, init) {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(20_000) });
  if (!response.ok) throw new Error(`Argo CD answered ${response.status} to ${new URL(url).pathname}: ${(await response.text()).slice(0, 300)}`);
  return response.json();
}
