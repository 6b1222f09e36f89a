import { chmod, copyFile, lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, matchesGlob, posix } from 'node:path';
import type { TemplateContext } from 'nunjitsu';
import { createStrictRenderer, RenderFailure } from '../expressions/strict-renderer.js';
import type { StrictRenderer } from '../expressions/strict-renderer.js';

/** Everything a render needs, as it is handed to the worker thread. */
export interface RenderJob {
  /** The skeleton. */
  from: string;
  /** An empty folder that takes the result. */
  to: string;
  values: Record<string, unknown>;
  /** Globs over paths in the skeleton, folders standing for all they hold: contents are copied, names still rendered. */
  copyWithoutTemplating: string[];
  trimBlocks: boolean;
  lstripBlocks: boolean;
}

/** What could not be rendered; `file` as in the skeleton. */
export class SkeletonFault extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'SkeletonFault';
    this.code = code;
  }
}

const renderLimits = { files: 20_000, bytes: 64 * 1024 * 1024 };

interface Rendering {
  job: RenderJob;
  renderer: StrictRenderer;
  context: TemplateContext;
  files: Set<string>;
  bytes: number;
}

/**
 * Renders a skeleton, names included. A name that renders empty, or to a path with an empty part, leaves its file or
 * folder out. Binary files are copied, symbolic links kept when they stay inside, and the right to execute is kept.
 * Answers the paths written, sorted. Runs in a worker thread, so it imports nothing of ours but its neighbours.
 */
export async function renderFolder(job: RenderJob): Promise<string[]> {
  const renderer = createStrictRenderer({ trimBlocks: job.trimBlocks, lstripBlocks: job.lstripBlocks });
  const rendering: Rendering = { job, renderer, context: { values: job.values } as TemplateContext, files: new Set(), bytes: 0 };
  for (const path of await pathsBelow(job.from, '')) await renderEntry(rendering, path);
  return [...rendering.files].sort();
}

async function renderEntry(rendering: Rendering, path: string): Promise<void> {
  const { job } = rendering;
  const target = renderedName(rendering, path);
  if (target === null) return;
  if (rendering.files.has(target))
    throw new SkeletonFault('skeleton_collision', `Two files of the skeleton render to "${target}", one is ${path}.`);
  rendering.files.add(target);
  if (rendering.files.size > renderLimits.files) throw tooLarge(`more than ${renderLimits.files} files`);
  const from = join(job.from, path);
  const to = join(job.to, target);
  await mkdir(dirname(to), { recursive: true });
  const stat = await lstat(from);
  if (stat.isSymbolicLink()) return copyLink(from, to, path);
  const mode = stat.mode & 0o100 ? 0o755 : 0o644;
  account(rendering, stat.size);
  if (isCopied(job, path)) return copyPlain(from, to, mode);
  const content = await readFile(from);
  const text = asText(content);
  if (text === null) return copyPlain(from, to, mode);
  const rendered = renderText(rendering, path, text);
  account(rendering, rendered.length);
  await writeFile(to, rendered, { mode });
}

/** Null: to be left out. */
function renderedName(rendering: Rendering, path: string): string | null {
  const name = renderText(rendering, path, path, 'the name of ');
  const parts = name.split('/');
  if (parts.some((part) => part === '')) return null;
  if (parts.some((part) => part === '..' || part === '.' || /[\\\0]/.test(part))) {
    throw new SkeletonFault(
      'skeleton_name_refused',
      `The name of ${path} renders to "${name}", which leads out of the target folder.`,
    );
  }
  return name;
}

function renderText(rendering: Rendering, path: string, text: string, what = ''): string {
  try {
    return rendering.renderer.render(text, rendering.context);
  } catch (error) {
    if (!(error instanceof RenderFailure)) throw error;
    const line = error.line === undefined || what ? '' : `:${error.line}`;
    throw new SkeletonFault('skeleton_expression_failed', `Rendering ${what}${path}${line} failed: ${error.message}.`);
  }
}

/** All files and links below, sorted; folders come into being with what they hold. */
async function pathsBelow(root: string, below: string): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
    const path = posix.join(below, entry.name);
    if (entry.isDirectory()) paths.push(...(await pathsBelow(root, path)));
    else if (entry.isFile() || entry.isSymbolicLink()) paths.push(path);
  }
  return paths.sort();
}

async function copyLink(from: string, to: string, path: string): Promise<void> {
  const link = await readlink(from);
  const target = posix.join(posix.dirname(path), link);
  if (posix.isAbsolute(link) || target === '..' || target.startsWith('../')) {
    throw new SkeletonFault('skeleton_link_refused', `The symbolic link ${path} leads out of the skeleton.`);
  }
  await symlink(link, to);
}

/** The template's own files are read-only, and the copy must not be. */
async function copyPlain(from: string, to: string, mode: number): Promise<void> {
  await copyFile(from, to);
  await chmod(to, mode);
}

function isCopied(job: RenderJob, path: string): boolean {
  return job.copyWithoutTemplating.some((pattern) => {
    const glob = posix.normalize(pattern).replace(/\/$/, '');
    return (
      matchesGlob(path, glob) || matchesGlob(path, `${glob}/**`) || foldersOf(path).some((folder) => matchesGlob(folder, glob))
    );
  });
}

function foldersOf(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** Null for what is no text: a zero byte near the start, or no valid UTF-8. */
function asText(content: Buffer): string | null {
  if (content.subarray(0, 8_000).includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return null;
  }
}

function account(rendering: Rendering, bytes: number): void {
  rendering.bytes += bytes;
  if (rendering.bytes > renderLimits.bytes) throw tooLarge(`more than ${renderLimits.bytes} bytes`);
}

function tooLarge(what: string): SkeletonFault {
  return new SkeletonFault('skeleton_too_large', `The skeleton renders to ${what}.`);
}
