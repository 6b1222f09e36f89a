import { StepError } from '@slipway/engine';
import { nameTaken } from './ownership.js';

/** Creates it; where it turns out to be there, takes it for ours if it carries the mark. `title` begins a sentence. */
export async function createOrAdopt<T extends { owner: string | null }>(
  title: string,
  mark: string,
  { create, find }: { create: () => Promise<T>; find: () => Promise<T | undefined> },
): Promise<T> {
  try {
    return await create();
  } catch (error) {
    if (!(error instanceof StepError) || error.code !== 'akeyless_already_exists') throw error;
    const found = await find();
    if (found?.owner === mark) return found;
    if (found) throw nameTaken(title, found.owner);
    throw new StepError('retry', 'akeyless_changed_meanwhile', `${title} came and went while we tried to create it.`, {
      remedy: 'It is tried again. If it goes on, see who else uses this name.',
    });
  }
}
