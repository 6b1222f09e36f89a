import type { StepScene } from '@slipway/engine/testing';
import { describeWithMark } from '../mark.js';
import type { GithubSuite } from './github-scene.js';

/** A step that adds something to a repository which an earlier step made; `at` is where the API has it. */
export async function withinRepository(
  { scene, api, sandbox }: GithubSuite,
  stepId: string,
  input: object,
  { pushed = false }: { pushed?: boolean } = {},
): Promise<Omit<StepScene, 'count'> & { at: string }> {
  const made = await scene();
  const { kinds, secrets, files, name, fullName } = made;
  return {
    ...{ kinds, secrets, files },
    at: `/repos/${fullName}`,
    step: made.step(stepId),
    input: { repository: fullName, ...input },
    // Not by a step: undo would take it away, and with it what is put into it.
    before: async ({ mark }) =>
      void (await api('POST', `/orgs/${sandbox.github.org}/repos`, { name, description: describeWithMark('A shop', mark), auto_init: pushed })),
    close: async () => void (await api('DELETE', `/repos/${fullName}`)),
  };
}
