import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readWholePack, writePack } from './keep-pack.js';
import { packetLine } from './packet-line.js';
import type { GitObject, PackEntry } from './read-pack.js';
import { refsNow } from './refs.js';
import { readTree } from './tree.js';

/** Of what a client can ask of git-receive-pack (gitprotocol-capabilities), what makes no difference to this. */
const CAPABILITIES = /^(report-status|report-status-v2|side-band-64k|quiet|atomic|object-format=sha1|agent=.*)$/;
/** A branch or tag that comes into being; names of one part are in nobody's way. */
const CREATION = /^0{40} (?<id>[0-9a-f]{40}) (?<ref>refs\/(heads|tags)\/\w[\w-]*(\.\w[\w-]*)*(?<!\.lock))$/;

interface Creation {
  id: string;
  ref: string;
}

/**
 * What git-receive-pack answers to a first push, which it has taken: its pack is kept and its refs are there. Undefined, and nothing
 * done, for all that is git's to judge: it takes four processes for that, this one none.
 */
export function receiveFirstPush(directory: string, request: Buffer): Buffer | undefined {
  const { creations, pack } = readRequest(request) ?? {};
  const entries = pack && readWholePack(pack);
  if (!creations || !entries || !isConnected(creations, entries)) return undefined;
  const locked = lock(directory, creations);
  if (!locked) return undefined;
  writePack(directory, pack, entries);
  for (const { ref } of creations) renameSync(lockOf(directory, ref), join(directory, ref));
  return report(creations);
}

/** Commands, one a line, the first with capabilities behind a zero byte; 0000; the pack (gitprotocol-pack). */
function readRequest(request: Buffer): { creations: Creation[]; pack: Buffer } | undefined {
  const creations: Creation[] = [];
  for (let at = 0; ; ) {
    const length = Number.parseInt(request.toString('latin1', at, at + 4), 16);
    if (length === 0) return creations.length > 0 ? { creations, pack: request.subarray(at + 4) } : undefined;
    if (!(length > 4)) return undefined;
    const [command = '', capabilities] = request.toString('latin1', at + 4, at + length).replace(/\n$/, '').split('\0');
    const { id, ref } = CREATION.exec(command)?.groups ?? {};
    if (id === undefined || ref === undefined) return undefined;
    if (creations.length === 0 && !understands(capabilities?.split(' ').filter(Boolean) ?? [])) return undefined;
    creations.push({ id, ref });
    at += length;
  }
}

function understands(capabilities: readonly string[]): boolean {
  const isAsked = (one: string) => capabilities.includes(one);
  return isAsked('side-band-64k') && (isAsked('report-status') || isAsked('report-status-v2')) && capabilities.every((one) => CAPABILITIES.test(one));
}

/** Whether all that the refs lead to is there, and branches lead to commits. */
function isConnected(creations: readonly Creation[], entries: readonly PackEntry[]): boolean {
  const objects = new Map(entries.map(({ id, object }) => [id, object]));
  if (creations.some(({ id, ref }) => ref.startsWith('refs/heads/') && objects.get(id)?.type !== 'commit')) return false;
  const seen = new Set<string>();
  const open = creations.map(({ id }) => id);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const object = objects.get(id);
    if (!object) return false;
    open.push(...childrenOf(object));
  }
  return true;
}

function childrenOf({ type, content }: GitObject): string[] {
  if (type === 'blob') return [];
  // A commit of another repository is not looked for.
  if (type === 'tree') return [...readTree(content)].filter(({ mode }) => mode !== '160000').map(({ sha }) => sha);
  const [header = ''] = content.toString('latin1').split('\n\n', 1);
  return [...header.matchAll(/^(?:tree|parent|object) ([0-9a-f]{40})$/gm)].map(([, id = '']) => id);
}

/** As git does before it moves a ref, so that neither overtakes the other. False, and nothing left, where somebody was there before. */
function lock(directory: string, creations: readonly Creation[]): boolean {
  const mine: string[] = [];
  try {
    for (const { id, ref } of creations) {
      const file = lockOf(directory, ref);
      mkdirSync(dirname(file), { recursive: true });
      const descriptor = openSync(file, 'wx');
      mine.push(file);
      writeFileSync(descriptor, `${id}\n`);
      closeSync(descriptor);
    }
    if (refsNow(directory).size === 0) return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  for (const file of mine) rmSync(file);
  return false;
}

function lockOf(directory: string, ref: string): string {
  return `${join(directory, ref)}.lock`;
}

function report(creations: readonly Creation[]): Buffer {
  const lines = ['unpack ok\n', ...creations.map(({ ref }) => `ok ${ref}\n`)].map(packetLine);
  return Buffer.from(`${packetLine(`\x01${lines.join('')}0000`)}0000`);
}
