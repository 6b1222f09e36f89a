import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StepError } from '@slipway/engine';
import type { OpenWorkspace, Workspaces } from '@slipway/engine';
import { removeFolder } from '../skeleton/render-thread.js';
import { digestOf, makeReadOnly, pack, unpack } from './archive.js';
import { refuseSecrets } from './refuse-secrets.js';
import type { ArchiveStore } from './archive-store.js';

/**
 * The engine's `Workspaces` on local folders, with archives in a store. `base` belongs to this alone:
 * `base/templates/<digest>` is shared by all runs and read-only; `base/runs/<run>-<random>` is one run's for as long as
 * it is open here. Several processes may share a base.
 */
export function createWorkspaces(store: ArchiveStore, base: string): Workspaces {
  const opening = new Map<string, Promise<string>>();
  return {
    open: async (run) => {
      const template = await openTemplate(store, base, run.templateDigest, opening);
      const folder = await runFolder(base, run.id);
      const workspace = join(folder, 'workspace');
      try {
        if (run.workspaceDigest === null) await mkdir(workspace);
        else await unpack(await fetchArchive(store, run.workspaceDigest, 'workspace checkpoint'), workspace);
      } catch (error) {
        await rm(folder, { recursive: true, force: true });
        throw error;
      }
      return openWorkspace(store, folder, workspace, template);
    },
  };
}

function openWorkspace(store: ArchiveStore, folder: string, workspace: string, template: string): OpenWorkspace {
  return {
    workspace,
    template,
    checkpoint: async (holdsSecret) => {
      if (holdsSecret) await refuseSecrets(workspace, holdsSecret);
      const { digest, bytes } = await pack(workspace, { emptyFolders: true });
      await store.put(digest, bytes);
      return digest;
    },
    close: () => removeFolder(folder),
  };
}

async function openTemplate(
  store: ArchiveStore,
  base: string,
  digest: string,
  opening: Map<string, Promise<string>>,
): Promise<string> {
  const known = opening.get(digest);
  if (known) return known;
  const attempt = unpackTemplate(store, base, digest).finally(() => opening.delete(digest));
  opening.set(digest, attempt);
  return attempt;
}

/** Unpacked beside its place and moved there whole, so that nobody ever sees half a template. */
async function unpackTemplate(store: ArchiveStore, base: string, digest: string): Promise<string> {
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new StepError('fatal', 'archive_refused', `"${digest}" is no digest.`);
  const templates = join(base, 'templates');
  const folder = join(templates, digest);
  if (await exists(folder)) return folder;
  await mkdir(templates, { recursive: true, mode: 0o700 });
  const bytes = await fetchArchive(store, digest, 'template');
  const staging = await mkdtemp(join(templates, '.unpacking-'));
  try {
    await unpack(bytes, staging);
    await makeReadOnly(staging);
    await rename(staging, folder);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    // Another process was quicker; the digest says that it holds the same.
    if (!(await exists(folder))) throw error;
  }
  return folder;
}

async function runFolder(base: string, runId: string): Promise<string> {
  if (!/^[\w-]+$/.test(runId)) throw new StepError('fatal', 'run_id_refused', `"${runId}" cannot name a folder.`);
  const runs = join(base, 'runs');
  await mkdir(runs, { recursive: true, mode: 0o700 });
  return mkdtemp(join(runs, `${runId}-`));
}

async function fetchArchive(store: ArchiveStore, digest: string, what: string): Promise<Uint8Array> {
  const bytes = await store.get(digest);
  if (!bytes) throw new StepError('fatal', 'archive_missing', `The ${what} ${digest} is not in the archive store.`);
  if (digestOf(bytes) !== digest)
    throw new StepError('fatal', 'archive_damaged', `The ${what} ${digest} does not match its digest.`);
  return bytes;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
