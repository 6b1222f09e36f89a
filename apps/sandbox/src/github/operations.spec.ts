import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastify from 'fastify';
import { openTestContext } from '../mariadb/test-context.js';
import { createGitHub } from './create-github.js';

const LIST = join(import.meta.dirname, '../../tools/github-operations.txt');

function shape(operation: string): string {
  return operation.replace(/\{[^}]+\}|:\w+|\*/g, '{}');
}

it('serves the operations that the list names, no more and no fewer: the description is extracted for these', async () => {
  const { ctx, close } = await openTestContext();
  const github = createGitHub(ctx, { url: 'http://127.0.0.1:9/unused', secret: 'unused', events: [] });
  const app = fastify();
  const served = new Set<string>();
  app.addHook('onRoute', ({ method, url }) => {
    const methods = [method].flat().filter((one) => one !== 'HEAD');
    // A folder's contents are one operation with a file's.
    const path = url.replace(/^\/api\/v3/, '').replace(/\/contents$/, '/contents/*');
    if (url.startsWith('/api/v3/')) for (const one of methods) served.add(shape(`${one} ${path}`));
  });
  await github.routes(app);
  await app.ready();
  await app.close();
  await github.close();
  await close();
  const listed = (await readFile(LIST, 'utf8')).split('\n').filter(Boolean);
  expect([...served].sort()).toEqual(listed.map(shape).sort());
});
