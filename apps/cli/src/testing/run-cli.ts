import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const bin = path.join(import.meta.dirname, '../../bin/slipway.mjs');

export interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

/** The command line as a process, on what the build left in `dist`. */
export function runCli(args: string[], cwd?: string): Promise<Ended> {
  const env = { ...process.env, SLIPWAY_PREPARED: '1', NO_COLOR: '1' };
  return new Promise((done) => {
    execFile(process.execPath, [bin, ...args], { env, cwd, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      done({ status, stdout, stderr });
    });
  });
}

/** A fresh folder with these files before each test, gone after it. */
export function filesForTest(files: Record<string, string>): () => string {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'slipway-cli-'));
    for (const [name, content] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), content);
    }
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  return () => folder;
}
