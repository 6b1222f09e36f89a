import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Clones the repository as a person would and looks for the manifests in it; answers what was found, and the commit
 * that it holds: `{ said, commit }`. The token reaches git through a program that it asks, never on a command line or in an
 * address.
 */
export async function cloneRepository({ url, token }) {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-clone-'));
  try {
    const askpass = path.join(folder, 'askpass');
    await writeFile(askpass, '#!/bin/sh\ncase "$1" in Username*) echo x-access-token ;; *) printf %s "$SLIPWAY_GIT_TOKEN" ;; esac\n', { mode: 0o700 });
    const clone = path.join(folder, 'clone');
    await run('git', ['-c', 'credential.helper=', 'clone', '--quiet', url, clone], {
      env: { ...process.env, GIT_ASKPASS: askpass, GIT_TERMINAL_PROMPT: '0', SLIPWAY_GIT_TOKEN: token },
      timeout: 60_000,
    });
    const { stdout } = await run('git', ['rev-parse', 'HEAD'], { cwd: clone });
    const commit = stdout.trim();
    return { said: `commit ${commit.slice(0, 7)}: ${await describe(clone)}`, commit };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function describe(clone) {
  const entries = await readdir(clone, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.relative(clone, path.join(entry.parentPath, entry.name)));
  const tracked = files.filter((file) => !file.startsWith('.git/'));
  const manifests = [];
  for (const file of tracked.filter((name) => /\.ya?ml$/.test(name))) {
    if (/^kind:\s*Deployment\s*$/m.test(await readFile(path.join(clone, file), 'utf8'))) manifests.push(file);
  }
  if (manifests.length === 0) throw new Error(`no manifest of a Deployment among its ${tracked.length} files`);
  return `${tracked.length} files, ${manifests.join(', ')} among them`;
}
