import { readFile, readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { removeTemporaryFolders, temporaryFolder } from '../testing/temporary-folder.js';
import type { RenderJob } from './render-folder.js';
import { renderSkeleton } from './render-skeleton.js';
import { type RenderThread, threadToRender } from './render-thread.js';

afterEach(removeTemporaryFolders);

const never = new AbortController().signal;

async function job(files: Record<string, string>, values: Record<string, unknown> = {}): Promise<RenderJob> {
  const [from, to] = [await temporaryFolder(files), await temporaryFolder()];
  const rules = { copyWithoutTemplating: [], copyWithoutRender: [], templateFileExtension: null, cookiecutterCompat: false };
  return { from, to, values, ...rules, trimBlocks: false, lstripBlocks: false, missing: 'fail' };
}

it('uses a thread again, and nothing of one skeleton is there for the next', async () => {
  const first = await job({ a: '${% set left = "behind" %}${{ values.name }}' }, { name: 'one' });
  await renderSkeleton(first, never);
  const thread = await threadToRender();
  thread.rest();
  for (const text of ['${{ left }}', '${{ values.name }}']) {
    await expect(renderSkeleton(await job({ a: text }), never)).rejects.toMatchObject({ code: 'skeleton_expression_failed' });
  }
  const again = await threadToRender();
  expect(again).toBe(thread);
  again.rest();
});

it('waits for a thread while each processor has one, and starts another where they are all slow', async () => {
  const busy: RenderThread[] = [];
  while (busy.length < availableParallelism()) busy.push(await threadToRender());
  const next = threadToRender();
  busy[0]?.rest();
  expect(await next).toBe(busy[0]);
  const another = await threadToRender();
  expect(busy).not.toContain(another);
  for (const thread of [...busy, another]) thread.rest();
});

it('renders more skeletons than there are threads, each into its own folder', async () => {
  const jobs = await Promise.all(Array.from({ length: 20 }, (_, index) => job({ a: '${{ values.n }}' }, { n: index })));
  await Promise.all(jobs.map((one) => renderSkeleton(one, never)));
  const written = await Promise.all(jobs.map(({ to }) => readFile(join(to, 'a'), 'utf8')));
  expect(written).toEqual(jobs.map((_, index) => String(index)));
});

it('gives up the thread of a skeleton that is not wanted any more, and goes on with others', async () => {
  const slow = '{% for a in range(900) %}{% for b in range(900) %}{% endfor %}{% endfor %}';
  const abort = new AbortController();
  const given = await job(Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}`, slow])));
  const running = renderSkeleton(given, abort.signal);
  abort.abort(new Error('cancelled'));
  await expect(running).rejects.toThrow('cancelled');
  const after = await readdir(given.to);
  const other = await job({ a: 'x' });
  await renderSkeleton(other, never);
  expect(await readFile(join(other.to, 'a'), 'utf8')).toBe('x');
  expect(await readdir(given.to)).toEqual(after);
});
