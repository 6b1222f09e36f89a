import { lstat, mkdir, realpath } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { type StepContext, StepError } from '@slipway/engine';
import { isInside } from './inside.js';
import { withStaging } from './staging.js';
import type { RemoteContent } from '../remote/remote-content.js';

/** Where a `fetch:*` step takes things from. */
export interface Source {
  /** As planned: relative to the archive's root (see `compilePlan`), or `https://…`. */
  url: string;
  /** Of an address that an expression decides: the folder of `template.yaml`, which it is relative to. Planned, not written. */
  base?: string | undefined;
  /** For a private repository, in place of what the installation is configured with. */
  token?: string | undefined;
}

export type Fetching = Pick<StepContext, 'files' | 'signal' | 'log'>;

/**
 * Hands over the place to read from, and an empty folder beside the workspace for what is made of it. What was fetched, and
 * what is left in that folder, is gone afterwards.
 */
export function withSource<T>(
  ctx: Fetching,
  remote: RemoteContent,
  kind: 'file' | 'folder',
  source: Source,
  use: (from: string, staging: string) => Promise<T>,
): Promise<T> {
  return withStaging(ctx.files.workspace, async (beside) => {
    const staging = join(beside, 'made');
    await mkdir(staging);
    return use(await placeOf(ctx, remote, kind, source, join(beside, 'fetched')), staging);
  });
}

async function placeOf(ctx: Fetching, remote: RemoteContent, kind: 'file' | 'folder', { url, base = '', token }: Source, fetched: string): Promise<string> {
  if (!isRemote(url)) return inTemplate(ctx.files.template, join(base, url), kind);
  ctx.log.info(`Fetching ${url}.`);
  await mkdir(fetched);
  const options = { signal: ctx.signal, ...(token ? { token } : {}) };
  if (kind === 'file') return remote.fetchFile(url, fetched, options);
  await remote.fetchFolder(url, fetched, options);
  return fetched;
}

export function isRemote(url: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(url);
}

async function inTemplate(template: string, url: string, kind: 'file' | 'folder'): Promise<string> {
  const root = await realpath(template);
  const asked = resolve(root, url);
  const place = url.includes('\0') ? null : await realpath(asked).catch(() => null);
  if (!isInside(root, asked) || (place && !isInside(root, place)))
    throw new StepError('fatal', 'template_url_refused', `The url "${url}" leads out of the template.`);
  const stat = place && (await lstat(place));
  if (!stat || !(kind === 'folder' ? stat.isDirectory() : stat.isFile()))
    throw new StepError('fatal', 'skeleton_missing', `There is no ${kind} "${relative(root, asked)}" in the template.`, {
      remedy: 'A relative url is read from the folder of template.yaml.',
    });
  return place;
}
