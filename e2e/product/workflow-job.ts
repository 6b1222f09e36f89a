import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { GithubClient } from './github-client.js';
import { post } from './sandbox-client.js';
import type { DemoFile } from './start-product.js';

const Settings = z.object({ url: z.string(), accessId: z.string(), audience: z.string(), secret: z.string() });

/** A job of a workflow run that is there or was, as the runner of it would act. */
interface WorkflowJob {
  /** A working copy of its repository. */
  checkout: string;
  run: number;
  job: string;
}

/** Starts a workflow by hand, and answers the number of its run. */
export async function dispatch(github: GithubClient, repository: string, workflow: string): Promise<number> {
  const asked = { ref: 'main', return_run_details: true };
  const answer = await github.call('POST', `/repos/${repository}/actions/workflows/${workflow}/dispatches`, asked);
  return z.object({ workflow_run_id: z.number() }).parse(answer).workflow_run_id;
}

/** The number of the newest run of a workflow. */
export async function latestRun(github: GithubClient, repository: string, workflow: string): Promise<number> {
  const runs = z.array(z.object({ id: z.number(), name: z.string() }));
  const { workflow_runs: all } = z.object({ workflow_runs: runs }).parse(await github.call('GET', `/repos/${repository}/actions/runs`));
  const found = all.find(({ name }) => name === workflow);
  if (!found) throw new Error(`${repository} has no run of ${workflow}.`);
  return found.id;
}

/** A database credential, as the repository's own action asks for it: with nothing but what GitHub says of the job. */
export async function issueAsWorkflow(systems: DemoFile['sandbox'], repository: string, { checkout, run, job }: WorkflowJob): Promise<{ user: string }> {
  const settings = Settings.parse(JSON.parse(await readFile(path.join(checkout, '.github/akeyless.json'), 'utf8')));
  const query = new URLSearchParams({ audience: settings.audience, job }).toString();
  const vouched = await fetch(`${systems.github.url}/_services/token/repos/${repository}/runs/${run}/idtoken?${query}`, {
    headers: { authorization: `Bearer ${systems.github.token}` },
  });
  const { value: jwt } = z.object({ value: z.string() }).parse(await vouched.json());
  const login = await post(`${settings.url}/auth`, { 'access-type': 'jwt', 'access-id': settings.accessId, jwt });
  const { token } = z.object({ token: z.string() }).parse(login);
  return z.object({ user: z.string() }).parse(await post(`${settings.url}/dynamic-secret-get-value`, { name: settings.secret, token }));
}
