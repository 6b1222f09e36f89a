import path from 'node:path';
import { writePrivateFile } from './secret-file.mjs';

/** Writes `demo.json`: how to reach everything that runs, for people and scripts. Mode 0600, complete or not at all. */
export function writeDemoFile(home, content) {
  writePrivateFile(path.join(home, 'demo.json'), `${JSON.stringify(content, null, 2)}\n`);
}
