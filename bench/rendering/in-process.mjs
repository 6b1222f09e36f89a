import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** A worker of its own renders the skeleton once, as the first run after a start does; answers its times and its peak. */
export async function inProcess(skeleton) {
  const child = fork(path.join(import.meta.dirname, 'render-once.mjs'), [skeleton]);
  const [answer] = await once(child, 'message');
  await once(child, 'exit');
  return answer;
}
