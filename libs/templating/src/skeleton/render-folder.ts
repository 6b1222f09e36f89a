import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, matchesGlob, posix } from 'node:path';
import { pathsIn } from '../expressions/references.js';
import { createStrictRenderer, RenderFailure } from '../expressions/strict-renderer.js';
import type { PreparedContext, StrictRenderer } from '../expressions/strict-renderer.js';

/** Everything a render needs, as it is handed to the worker thread. */
export interface RenderJob {
  /** The skeleton. */
  from: string;
  /** An empty folder that takes the result. */
  to: string;
  /** Null: the form left it empty, which is as good as an empty text. What is not here at all is misspelt. */
  values: Record<string, unknown>;
  /** Globs over paths in the skeleton, folders standing for all they hold: contents are copied, names still rendered. */
  copyWithoutTemplating: string[];
  /** The same, names copied too: Backstage's older word. */
  copyWithoutRender: string[];
  /** Only files of this extension are rendered, and lose it. */
  templateFileExtension: string | null;
  /** `{{ cookiecutter.x }}` in place of `${{ values.x }}`. */
  cookiecutterCompat: boolean;
  trimBlocks: boolean;
  lstripBlocks: boolean;
  /** What becomes of an expression without a value: a failure, or nothing at all, as Backstage has it, and a warning. */
  missing: 'fail' | 'empty';
}

export interface Rendered {
  /** The paths written, sorted. */
  files: string[];
  /** Expressions that had no value, with their places. */
  warnings: string[];
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
/** Of one file. */
const workLimits = { capabilityCalls: 200_000, outputCodeUnits: 32 * 1024 * 1024 };

interface Rendering {
  job: RenderJob;
  renderer: StrictRenderer;
  context: PreparedContext;
  bytes: number;
  /** What is being rendered now, for a warning. */
  place: string;
  warnings: Set<string>;
}

interface Found {
  path: string;
  link: boolean;
}

/** One entry of the skeleton and where it goes. */
interface Entry extends Found {
  target: string;
  rendered: boolean;
}

/**
 * Renders a skeleton, names included. A name that renders empty, or to a path with an empty part, leaves its file or
 * folder out. Binary files are copied, symbolic links kept when they stay inside, and the right to execute is kept.
 * Runs in a worker thread, so it imports nothing of ours but its neighbours, and need not be asynchronous: waiting for the
 * pool of file operations takes longer than they do.
 */
export function renderFolder(job: RenderJob): Rendered {
  const rendering = beginRendering(job);
  const entries = new Map<string, Entry>();
  for (const found of foundBelow(job.from, '')) {
    const { path } = found;
    const entry = entryOf(rendering, found);
    if (!entry) continue;
    if (entries.has(entry.target))
      throw new SkeletonFault('skeleton_collision', `Two files of the skeleton render to "${entry.target}", one is ${path}.`);
    entries.set(entry.target, entry);
    if (entries.size > renderLimits.files) throw tooLarge(`more than ${renderLimits.files} files`);
  }
  makeFolders(job.to, new Set(entries.keys()));
  for (const entry of entries.values()) writeEntry(rendering, entry);
  return { files: [...entries.keys()].sort(), warnings: [...rendering.warnings].sort() };
}

const mostWarnings = 50;

function beginRendering(job: RenderJob): Rendering {
  const { values, cookiecutterCompat, trimBlocks, lstripBlocks } = job;
  const state = { place: '', warnings: new Set<string>(), bytes: 0 };
  const root = cookiecutterCompat ? 'cookiecutter' : 'values';
  const renderer = createStrictRenderer({
    ...{ cookiecutterCompat, trimBlocks, lstripBlocks, limits: workLimits },
    mayBeAbsent: (expression) => {
      if (pathsIn(expression).some(([first, name]) => first === root && name !== undefined && values[name] === null)) return true;
      if (job.missing === 'fail') return false;
      if (state.warnings.size < mostWarnings) state.warnings.add(`${state.place}: "${expression}" has no value and renders to nothing.`);
      return true;
    },
  });
  const context = renderer.prepare({ [root]: values } as Parameters<StrictRenderer['prepare']>[0]);
  return Object.assign(state, { job, renderer, context });
}

/** Null: to be left out. */
function entryOf(rendering: Rendering, { path, link }: Found): Entry | null {
  const { templateFileExtension: extension, copyWithoutRender, copyWithoutTemplating } = rendering.job;
  const untouched = isBelow(path, copyWithoutRender);
  const rendered = extension ? extname(path) === extension : !untouched && !isBelow(path, copyWithoutTemplating);
  const source = extension && rendered ? path.slice(0, -extension.length) : path;
  const name = untouched ? source : renderText(rendering, path, source, 'the name of ');
  const parts = name.split('/');
  if (parts.some((part) => part === '')) return null;
  if (parts.some((part) => part === '..' || part === '.')) throw refusedName(path, name, 'leads out of the target folder');
  // eslint-disable-next-line no-control-regex -- what no name may hold
  if (/[\\\u0000-\u001f]/.test(name)) throw refusedName(path, name, 'holds a backslash or a control character');
  if (parts.some((part) => Buffer.byteLength(part) > 255)) throw refusedName(path, name, 'is longer than a name may be');
  return { path, link, target: name, rendered };
}

function refusedName(path: string, name: string, why: string): SkeletonFault {
  return new SkeletonFault('skeleton_name_refused', `The name of ${path} renders to ${JSON.stringify(name.slice(0, 300))}, which ${why}.`);
}

/** Every file is opened once: on some disks that takes longer than all that is done to it. */
function writeEntry(rendering: Rendering, { path, link, target, rendered }: Entry): void {
  const { job } = rendering;
  const from = join(job.from, path);
  const to = join(job.to, target);
  if (link) return copyLink(from, to, path, target);
  const file = openSync(from, 'r');
  try {
    const stat = fstatSync(file);
    // The template's own files are read-only, and the copy must not be.
    const mode = stat.mode & 0o100 ? 0o755 : 0o644;
    account(rendering, stat.size);
    const content = readFileSync(file);
    const text = rendered ? asText(content) : null;
    const result = text === null ? content : renderText(rendering, path, text);
    if (text !== null) account(rendering, result.length);
    writeFileSync(to, result, { mode });
  } finally {
    closeSync(file);
  }
}

function renderText(rendering: Rendering, path: string, text: string, what = ''): string {
  rendering.place = `${what}${path}`;
  try {
    return /\{[{%#]/.test(text) ? rendering.renderer.render(text, rendering.context) : text;
  } catch (error) {
    if (!(error instanceof RenderFailure)) throw error;
    const line = error.line === undefined || what ? '' : `:${error.line}`;
    throw new SkeletonFault('skeleton_expression_failed', `Rendering ${what}${path}${line} failed: ${error.message}.`);
  }
}

/** All files and links below, sorted; folders come into being with what they hold. */
function foundBelow(root: string, below: string): Found[] {
  const found: Found[] = [];
  for (const entry of readdirSync(join(root, below), { withFileTypes: true })) {
    const path = posix.join(below, entry.name);
    if (entry.isDirectory()) found.push(...foundBelow(root, path));
    else if (entry.isFile() || entry.isSymbolicLink()) found.push({ path, link: entry.isSymbolicLink() });
    if (found.length > renderLimits.files) throw tooLarge(`more than ${renderLimits.files} files`);
  }
  return found.sort((one, other) => (one.path < other.path ? -1 : 1));
}

function makeFolders(to: string, targets: ReadonlySet<string>): void {
  const folders = new Set([...targets].map((target) => dirname(target)));
  for (const folder of folders) {
    const taken = [...foldersOf(folder), folder].find((above) => targets.has(above));
    if (taken !== undefined)
      throw new SkeletonFault('skeleton_collision', `"${taken}" would be a file and a folder of the same name.`);
    mkdirSync(join(to, folder), { recursive: true });
  }
}

function copyLink(from: string, to: string, path: string, target: string): void {
  const link = readlinkSync(from);
  for (const place of [path, target]) {
    const leads = posix.join(posix.dirname(place), link);
    if (posix.isAbsolute(link) || leads === '..' || leads.startsWith('../'))
      throw new SkeletonFault('skeleton_link_refused', `The symbolic link ${path} leads out of the skeleton.`);
  }
  symlinkSync(link, to);
}

/** Whether a glob names it, or a folder above it. */
function isBelow(path: string, globs: readonly string[]): boolean {
  return globs.some((pattern) => {
    const glob = posix.normalize(pattern).replace(/\/$/, '');
    return [path, ...foldersOf(path)].some((place) => isNamed(place, glob));
  });
}

/** Node reads a glob anew for each name, which takes longer than to render most files: one that can only mean itself is compared. */
function isNamed(place: string, glob: string): boolean {
  return /^[\w./-]+$/.test(glob) ? place === glob : matchesGlob(place, glob);
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
