import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { chmod, lstat, mkdir, readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip, gunzip } from 'node:zlib';
import { StepError, takingTurns } from '@slipway/engine';
import { extract, list, PackSync } from 'tar';
import type { ReadEntry } from 'tar';

export interface Archive {
  /** SHA-256 of the bytes, in hex. */
  digest: string;
  /** A gzipped tar. */
  bytes: Uint8Array;
}

const megabyte = 1024 * 1024;

/** Bytes as packed, which is what is stored; bytes of the files in it, so that a small archive cannot hold very much; files. */
export const archiveLimits = { packed: 64 * megabyte, content: 256 * megabyte, entries: 20_000 };

export interface PackOptions {
  /** Entries to leave out, by their own name. */
  ignore?: (name: string) => boolean;
  /** Keep folders with nothing in them; git does not, so a template does not either. */
  emptyFolders?: boolean;
}

/** The same tree gives the same bytes: sorted, no owner, no times, and of the mode only whether a file may be executed. */
export async function pack(folder: string, options: PackOptions = {}): Promise<Archive> {
  const paths = await pathsIn(folder, options);
  if (paths.length > archiveLimits.entries) throw tooLarge(`it holds more than ${archiveLimits.entries} files`);
  const chunks: Buffer[] = [];
  let packed = 0;
  await pipeline(tarOf(folder, paths), createGzip({ level: 6 }), async (stream: AsyncIterable<Buffer>) => {
    for await (const chunk of stream) {
      chunks.push(chunk);
      refuseTooLarge({ content: 0, packed: (packed += chunk.length) });
    }
  });
  const bytes = Buffer.concat(chunks);
  return { digest: digestOf(bytes), bytes };
}

/** Into a folder that is empty or not there yet. Nothing is written before every entry has been looked at. */
export async function unpack(bytes: Uint8Array, folder: string): Promise<void> {
  refuseTooLarge({ content: 0, packed: bytes.length });
  const tar = await inflate(bytes);
  const entries = entriesOf(tar);
  refuseUnsafeEntries(entries);
  await mkdir(folder, { recursive: true });
  await new Promise<void>((resolve, reject) => {
    const stream = extract({ cwd: folder, strict: true, preserveOwner: false, noChmod: false });
    stream.on('close', resolve);
    stream.on('error', reject);
    stream.end(tar);
  });
}

export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Files are no longer writable. Folders stay so, or nobody but root could delete them. */
export async function makeReadOnly(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    await chmod(path, (await lstat(path)).mode & 0o555);
  }
}

/**
 * All files and links, and where they are asked for the folders with nothing in them; sorted. A folder is read at once, and with pauses,
 * as a file is. @throws StepError for what is neither file nor folder.
 */
export async function pathsIn(folder: string, options: PackOptions): Promise<string[]> {
  const pause = takingTurns();
  const below = async (place: string): Promise<string[]> => {
    await pause();
    const entries = readdirSync(join(folder, place), { withFileTypes: true });
    const kept = entries.filter((entry) => !options.ignore?.(entry.name)).sort((a, b) => (a.name < b.name ? -1 : 1));
    const paths: string[] = [];
    for (const entry of kept) {
      const path = posix.join(place, entry.name);
      if (entry.isFile() || entry.isSymbolicLink()) paths.push(path);
      else if (entry.isDirectory()) {
        const inside = await below(path);
        paths.push(...(inside.length === 0 && options.emptyFolders ? [path] : inside));
      } else throw refused(path, 'it is neither a file nor a folder');
    }
    return paths;
  };
  return below('');
}

/** In pieces. Read at once, and with pauses: by way of another thread each file costs four times as much. */
async function* tarOf(folder: string, paths: readonly string[]): AsyncGenerator<Buffer> {
  let content = 0;
  const tar = new PackSync({
    cwd: folder,
    portable: true,
    noDirRecurse: true,
    strict: true,
    mtime: new Date(0),
    filter: (_path, stat) => {
      // The hook sees the very object the header is written from, and is the one place to even out the mode.
      if (stat.mode !== undefined) stat.mode = (stat.mode & ~0o7777) | (stat.mode & 0o100 ? 0o755 : 0o644);
      refuseTooLarge({ content: (content += stat.size ?? 0), packed: 0 });
      return true;
    },
  });
  const pause = takingTurns();
  for (const path of paths.length > 0 ? paths : ['.']) {
    tar.add(path);
    await pause();
    if (tar.bufferLength >= megabyte) yield tar.read() ?? Buffer.alloc(0);
  }
  yield tar.end().read() ?? Buffer.alloc(0);
}

/** Bounded before a byte is unpacked to disk: a small archive may hold very much. */
async function inflate(bytes: Uint8Array): Promise<Buffer> {
  try {
    // The headers and padding of many small files come on top of what they hold.
    return await promisify(gunzip)(bytes, { maxOutputLength: archiveLimits.content + archiveLimits.entries * 1024 });
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(`it unpacks to more than ${archiveLimits.content / megabyte} MB`);
    throw new StepError('fatal', 'archive_damaged', 'The archive is no gzipped tar, or was damaged on its way.', {
      cause: error,
    });
  }
}

type EntryHeader = Pick<ReadEntry, 'path' | 'type' | 'linkpath'>;

function entriesOf(tar: Buffer): EntryHeader[] {
  const entries: EntryHeader[] = [];
  const parser = list({
    strict: true,
    onReadEntry: (entry) => {
      entries.push({ path: entry.path, type: entry.type, linkpath: entry.linkpath });
      if (entries.length > archiveLimits.entries) throw tooLarge(`it holds more than ${archiveLimits.entries} files`);
    },
  });
  let fault: unknown;
  parser.on('error', (error: unknown) => {
    fault ??= error;
  });
  parser.end(tar);
  if (fault) throw new StepError('fatal', 'archive_damaged', 'The archive is no readable tar.', { cause: fault });
  return entries;
}

function refuseUnsafeEntries(entries: readonly EntryHeader[]): void {
  const links = new Set(entries.filter((entry) => entry.type === 'SymbolicLink').map((entry) => posix.normalize(entry.path)));
  for (const { path, type, linkpath } of entries) {
    if (!['File', 'OldFile', 'Directory', 'SymbolicLink'].includes(type)) throw refused(path, `it is a ${type}`);
    if (leadsOut(path)) throw refused(path, 'it leads out of the archive');
    if (foldersOf(path).some((folder) => links.has(folder))) throw refused(path, 'it lies below a symbolic link');
    if (type !== 'SymbolicLink') continue;
    const target = linkpath ?? '';
    if (posix.isAbsolute(target) || leadsOut(posix.join(posix.dirname(path), target)))
      throw refused(path, 'it links to a place outside');
  }
}

function leadsOut(path: string): boolean {
  const normal = posix.normalize(path.replaceAll('\\', '/'));
  return posix.isAbsolute(normal) || normal === '..' || normal.startsWith('../') || path.includes('\0') || /^[a-z]:/i.test(path);
}

function foldersOf(path: string): string[] {
  const parts = posix.normalize(path).split('/');
  return parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

function refused(path: string, why: string): StepError {
  return new StepError('fatal', 'archive_refused', `The archive entry "${path}" is refused: ${why}.`);
}

function refuseTooLarge({ content, packed }: { content: number; packed: number }): void {
  if (content > archiveLimits.content) throw tooLarge(`its files come to more than ${archiveLimits.content / megabyte} MB`);
  if (packed > archiveLimits.packed) throw tooLarge(`packed it comes to more than ${archiveLimits.packed / megabyte} MB`);
}

function tooLarge(why: string): StepError {
  const { packed, content, entries } = archiveLimits;
  const most = `An archive may be ${packed / megabyte} MB packed, and hold ${content / megabyte} MB in ${entries} files.`;
  return new StepError('fatal', 'archive_too_large', `The archive is too large: ${why}. ${most}`, {
    remedy: 'Delete what later steps do not need (fs:delete), or do not fetch it.',
  });
}
