import { lstat, mkdir, mkdtemp, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { defineStep, StepError } from '@slipway/engine';
import { z } from 'zod';
import { renderSkeleton } from '../skeleton/render-skeleton.js';

const Input = z.strictObject({
  /** A folder of the template. As planned it is relative to the archive's root; see `compilePlan`. */
  url: z.string().min(1),
  targetPath: z.string().default('.'),
  values: z.record(z.string(), z.unknown()).default({}),
  copyWithoutTemplating: z.array(z.string()).default([]),
  /** Otherwise a file that is there already stays as it is. */
  replace: z.boolean().default(false),
  trimBlocks: z.boolean().default(false),
  lstripBlocks: z.boolean().default(false),
});
type Input = z.infer<typeof Input>;

/** Renders a skeleton of the template into the workspace. Doing it again changes nothing. */
export const fetchTemplate = defineStep<Input, { files: number }>({
  id: 'fetch:template',
  description: "Renders a folder of the template's archive into the workspace.",
  input: Input,
  output: z.object({ files: z.number().int() }),
  workspace: 'write',
  run: async (ctx, input) => {
    const skeleton = await skeletonFolder(ctx.files.template, input.url);
    const target = await targetFolder(ctx.files.workspace, input.targetPath);
    // Beside the workspace, so that finished files move in whole and a killed rendering leaves nothing in it.
    const staging = await mkdtemp(`${resolve(ctx.files.workspace)}.rendering-`);
    try {
      const { values, copyWithoutTemplating, trimBlocks, lstripBlocks } = input;
      const files = await renderSkeleton(
        { from: skeleton, to: staging, values, copyWithoutTemplating, trimBlocks, lstripBlocks },
        ctx.signal,
      );
      for (const file of files) await moveIn(staging, target, file, input.replace, ctx.files.workspace);
      ctx.log.info(`Rendered ${files.length} files.`);
      return { output: { files: files.length } };
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  },
});

async function skeletonFolder(template: string, url: string): Promise<string> {
  if (/^[a-z][a-z0-9+.-]*:/i.test(url)) {
    throw new StepError(
      'fatal',
      'template_url_refused',
      `The url "${url}" is remote; only folders of the template itself can be rendered.`,
    );
  }
  const root = await realpath(template);
  const folder = await realpath(resolve(root, url)).catch(() => null);
  const asked = resolve(root, url);
  if (!isInside(root, asked) || (folder && !isInside(root, folder))) {
    throw new StepError('fatal', 'template_url_refused', `The url "${url}" leads out of the template.`);
  }
  if (!folder || !(await lstat(folder)).isDirectory()) {
    throw new StepError('fatal', 'skeleton_missing', `There is no folder "${relative(root, asked)}" in the template.`);
  }
  return folder;
}

async function targetFolder(workspace: string, targetPath: string): Promise<string> {
  const root = await realpath(workspace);
  const target = resolve(root, targetPath);
  if (!isInside(root, target)) throw outside(targetPath);
  await refuseLinkedFolders(root, target, targetPath);
  return target;
}

async function moveIn(staging: string, target: string, file: string, replace: boolean, workspace: string): Promise<void> {
  const to = join(target, file);
  await refuseLinkedFolders(await realpath(workspace), dirname(to), file);
  const there = await lstat(to).catch(() => null);
  if (there?.isDirectory())
    throw new StepError('fatal', 'target_is_folder', `"${file}" cannot be written: a folder of that name is there.`);
  if (there && !replace) return;
  await mkdir(dirname(to), { recursive: true });
  await rename(join(staging, file), to);
}

/** An earlier step may have left a link in the workspace; nothing is written through one. */
async function refuseLinkedFolders(root: string, folder: string, named: string): Promise<void> {
  for (let at = folder; at !== root && isInside(root, at); at = dirname(at)) {
    const stat = await lstat(at).catch(() => null);
    if (stat && !stat.isDirectory()) throw outside(named);
  }
}

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

function outside(path: string): StepError {
  return new StepError('fatal', 'target_refused', `"${path}" does not lead to a folder inside the workspace.`);
}
