import type { Sandbox } from '@slipway/engine/testing';
import { z } from 'zod';

const Login = z.object({ token: z.string() });

/** A call with a token of its own, past our client; fails on any status but 200. */
export async function callAkeyless({ akeyless }: Sandbox, path: string, body: Record<string, unknown>): Promise<unknown> {
  const { url, accessId, accessKey } = akeyless;
  const { token } = Login.parse(await post(new URL('/auth', url), { 'access-id': accessId, 'access-key': accessKey }));
  return post(new URL(path, url), { ...body, token });
}

/** Fails on any status but 200, with the status in its words. */
export async function post(url: URL, body: unknown): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`POST ${url.pathname} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

const State = z.object({
  targets: z.array(z.object({ name: z.string() })),
  dynamicSecrets: z.array(z.object({ name: z.string() })),
  rotatedSecrets: z.array(z.object({ name: z.string(), rotatedAt: z.string() })),
  roles: z.array(z.object({ name: z.string(), rules: z.array(z.unknown()) })),
  leases: z.array(z.object({ dynamicSecret: z.string(), user: z.string() })),
});

/** What Akeyless holds, as the control API tells it. */
export async function akeylessState(sandbox: Sandbox): Promise<z.infer<typeof State>> {
  return z.object({ akeyless: State }).parse(await sandbox.callControl('GET', '/state')).akeyless;
}
