import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ApiClient, Run } from './api-client.js';
import type { Fault, LoggedRequest, SandboxClient } from './sandbox-client.js';
import { serviceValues } from './service-values.js';

/** One kind of call that a step makes on its way, as a clean run showed it. */
export interface StepCall {
  step: string;
  /** The name of the app that the clean run was for: what tells its calls from those of others. */
  name: string;
  system: LoggedRequest['system'];
  method: string;
  path: string;
  agent: string;
  /** Whether another app's call can be told from this one: by its path, else by its body. */
  by: 'path' | 'body' | null;
  /** How often earlier steps make the same call. */
  after: number;
  /** The steps that make this call, itself among them. */
  alike: string[];
}

interface Tools {
  callsOfSteps(run: Run, requests: LoggedRequest[], name: string): StepCall[];
}

/** Deploys one app, its steps one after the other with pauses between them, and answers which steps ran and which calls each made. */
export async function callsOfSteps(api: ApiClient, sandbox: SandboxClient, name: string): Promise<{ ran: string[]; calls: StepCall[] }> {
  const begun = (await sandbox.requests()).at(-1)?.id ?? 0;
  const run = await api.ended(await api.request('deploy_with_pauses', serviceValues(name)));
  if (run.statusLabel !== 'SUCCEEDED') throw new Error(`The clean run failed: ${JSON.stringify(run.failure)}`);
  const requests = (await sandbox.requests()).filter(({ id }) => id > begun);
  const module = path.join(import.meta.dirname, '../../tools/test/calls-of-steps.mjs');
  const tools = (await import(pathToFileURL(module).href)) as Tools;
  const ran = run.steps.filter(({ status }) => status === 'SUCCEEDED').map(({ id }) => id);
  return { ran, calls: tools.callsOfSteps(run, requests, name) };
}

/** The same call of another app, failing once. */
export function faultOf(call: StepCall, name: string, fault: Pick<Fault, 'fault' | 'status'>): Fault {
  const address = call.path.split('/').map((segment) => renamed(segment, call.name, name)).join('/');
  const match = { method: call.method, path: address, agent: call.agent, ...(call.by === 'body' && { body: name }) };
  return { system: call.system, match, after: call.after, times: 1, ...fault };
}

/** Whether it changes something, as far as a name can tell: Akeyless reads by POST too, and git asks before it pushes. */
export function isEffect({ method, path: address }: StepCall): boolean {
  return method !== 'GET' && !/\/(git-upload-pack|auth|session|validate-token|(describe|list|get)-[\w-]+|[\w-]+-[gG]et)$/.test(address);
}

/** The name in a segment becomes the other name; what no other run would repeat, such as a number, becomes anything. */
function renamed(segment: string, from: string, to: string): string {
  const plain = segment.replaceAll(from, to);
  return plain === segment && /^\d{3,}$/.test(segment) ? '*' : plain;
}
