import { lstat, realpath } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { type StepContext, StepError } from '@slipway/engine';
import { isInside } from './inside.js';
import type { RemoteContent } from '../remote/remote-content.js';

/** Where a `fetch:*` step takes things from. */
export interface Source {
  /** As planned: relative to the archive's root (see `compilePlan`), or `https://…`. */
  url: string;
  /** For a private repository, in place of what the installation is configured with. */
  token?: string | undefined;
}

export type Fetching = Pick<StepContext, 'files' | 'signal' | 'log'>;

/** A folder to read from: of the template, or fetched into `scratch`. */
export async function sourceFolder(
  ctx: Fetching,
  { url, token }: Source,
  scratch: string,
  remote: RemoteContent,
): Promise<string> {
  if (!isRemote(url)) return inTemplate(ctx.files.template, url, 'folder');
  ctx.log.info(`Fetching ${url}.`);
  await remote.fetchFolder(url, scratch, { signal: ctx.signal, ...(token ? { token } : {}) });
  return scratch;
}

/** The same of one file; answers its path. */
export async function sourceFile(ctx: Fetching, { url, token }: Source, scratch: string, remote: RemoteContent): Promise<string> {
  if (!isRemote(url)) return inTemplate(ctx.files.template, url, 'file');
  ctx.log.info(`Fetching ${url}.`);
  return remote.fetchFile(url, scratch, { signal: ctx.signal, ...(token ? { token } : {}) });
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
