import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { templatingProvider } from '../../libs/templating/dist/index.js';
import { secondsOf } from './seconds-of.mjs';
import { values } from './skeleton.mjs';

const [skeleton] = process.argv.slice(2);
const folder = await mkdtemp(path.join(tmpdir(), 'slipway-rendering-'));
const workspace = path.join(folder, 'workspace');
await mkdir(workspace);
const step = templatingProvider().steps.find(({ id }) => id === 'fetch:template');
const quiet = () => undefined;
const context = {
  signal: new AbortController().signal,
  log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  files: { workspace, template: skeleton },
};
try {
  const times = await secondsOf(() => step.run(context, step.input.parse({ url: '.', values })));
  process.send({ ...times, peakMb: process.resourceUsage().maxRSS / 1_024 });
} finally {
  await rm(folder, { recursive: true });
  process.disconnect();
}
