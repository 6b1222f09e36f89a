import { packetLine } from '../git/packet-line.js';
import { AUTHENTICATION_REQUIRED, RemoteFailure } from './remote-failure.js';

export interface GitCredential {
  username: string;
  password: string;
}

/** A ref with its object. What an annotated tag is peeled to follows it under its name and `^{}`. */
export interface ListedRef {
  id: string;
  name: string;
}

const ANSWER_WITHIN_MS = 60_000;

/** What a server of git's smart HTTP protocol opens with. Asked for without git: every application asks every few minutes. @throws RemoteFailure */
export async function listAdvertised(url: string, credential: GitCredential | undefined): Promise<ListedRef[]> {
  const refs: ListedRef[] = [];
  for (const line of readLines(await ask(`${addressOf(url)}/info/refs?service=git-upload-pack`, credential))) {
    const [, id, name] = /^([0-9a-f]{40}) ([^\0\n]+)/.exec(line.toString()) ?? [];
    // A repository without refs offers its capabilities under a name that is none.
    if (id && name && name !== 'capabilities^{}') refs.push({ id, name });
  }
  return refs;
}

/** All that these objects reach, as a pack, in version 0 of the protocol (gitprotocol-pack), as go-git speaks it. @throws RemoteFailure */
export async function requestPack(url: string, credential: GitCredential | undefined, ids: readonly string[]): Promise<Buffer> {
  const wants = [...new Set(ids)].map((id, index) => packetLine(`want ${id}${index === 0 ? ' ofs-delta' : ''}\n`));
  const answer = await ask(`${addressOf(url)}/git-upload-pack`, credential, `${wants.join('')}0000${packetLine('done\n')}`);
  const [said] = readLines(answer);
  if (said?.toString() !== 'NAK\n') throw new RemoteFailure(`failed to list refs: ${String(said).trim()}`);
  return answer.subarray(said.length + 4);
}

async function ask(address: string, credential: GitCredential | undefined, body?: string): Promise<Buffer> {
  const headers = {
    ...(credential && { authorization: basic(credential) }),
    ...(body !== undefined && { 'content-type': 'application/x-git-upload-pack-request' }),
  };
  const request = { headers, ...(body !== undefined && { method: 'POST', body }), signal: AbortSignal.timeout(ANSWER_WITHIN_MS) };
  let response: Response;
  try {
    response = await fetch(address, request);
    if (response.ok) return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    const { message, cause } = error as Error;
    const what = `${body === undefined ? 'Get' : 'Post'} "${address}"`;
    throw new RemoteFailure(`failed to list refs: ${what}: ${cause instanceof Error ? cause.message : message}`, { cause: error });
  }
  await response.body?.cancel();
  throw new RemoteFailure(refusal(response.status, address));
}

function addressOf(url: string): string {
  return url.replace(/\/+$/, '');
}

/** As go-git, which the real one uses, words a refusal. */
function refusal(status: number, asked: string): string {
  if (status === 401) return AUTHENTICATION_REQUIRED;
  if (status === 403) return 'authorization failed';
  if (status === 404) return 'repository not found';
  return `failed to list refs: unexpected client error: unexpected requesting "${asked}" status code: ${status}`;
}

/** Lines that begin with their length in four hexadecimal digits; 0000 stands for none. */
function* readLines(answer: Buffer): Iterable<Buffer> {
  for (let at = 0; at + 4 <= answer.length; ) {
    const length = Number.parseInt(answer.toString('latin1', at, at + 4), 16);
    if (Number.isNaN(length)) throw new RemoteFailure('failed to list refs: invalid pkt-len found');
    yield answer.subarray(at + 4, at + length);
    at += Math.max(length, 4);
  }
}

export function basic({ username, password }: GitCredential): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
