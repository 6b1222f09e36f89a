import { Failure } from '../setup/failure.mjs';

/** A token for the client of `config.yaml`. */
export async function accessToken({ url, clientId, clientSecret }) {
  const { accessToken: token } = await post(`${url}/v1/auth/access_token`, { clientId, clientSecret });
  return token;
}

/** A link that signs a user in once. */
export async function signInLink({ url, token, email }) {
  return (await post(`${url}/v1/auth/sign_in_links`, { email }, token)).url;
}

async function post(url, body, token) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  if (response.ok) return JSON.parse(text);
  throw new Failure('API_REFUSED', `The api answered ${response.status} to POST ${new URL(url).pathname}: ${text.slice(0, 300)}`, {
    advice: 'See logs/api.log in the data folder.',
  });
}
