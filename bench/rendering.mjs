// How fast a skeleton of 1,000 files becomes a workspace, through the step that does it in a run: `npm run bench rendering`.
import { rm } from 'node:fs/promises';
import { printFigure } from './stage/print-figure.mjs';
import { bareCopy } from './rendering/bare-copy.mjs';
import { inProcess } from './rendering/in-process.mjs';
import { makeSkeleton } from './rendering/skeleton.mjs';

const files = 1_000;

const skeleton = await makeSkeleton(files);
try {
  const limit = await bareCopy(skeleton);
  const { seconds, peakMb, cpuSeconds } = await inProcess(skeleton);
  printFigure('rendering', 'files_per_second', files / seconds, 'files/s', files / limit.seconds);
  printFigure('rendering', 'cpu_ms_per_file', (cpuSeconds * 1_000) / files, 'ms', (limit.cpuSeconds * 1_000) / files);
  printFigure('rendering', 'rss_mb', peakMb, 'MB');
} finally {
  await rm(skeleton, { recursive: true });
}
