import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

it('the types generated from the SDL are current', async () => {
  const tool = path.join(import.meta.dirname, '../../tools/generate-graphql-types.mjs');
  await promisify(execFile)(process.execPath, [tool, '--check']);
}, 30_000);
