import { mkdtemp, rm } from 'node:fs/promises';
import { resolve } from 'node:path';

/** A folder beside the workspace, so that finished files move in whole and a killed step leaves nothing in it. */
export async function withStaging<T>(workspace: string, use: (staging: string) => Promise<T>): Promise<T> {
  const staging = await mkdtemp(`${resolve(workspace)}.staging-`);
  try {
    return await use(staging);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
