import { createHash } from 'node:crypto';
import { list } from 'tar';

export interface ChangedPaths {
  added: string[];
  changed: string[];
  removed: string[];
}

/** Which files differ between two archives of one template; null: there was none before. */
export async function changedPaths(before: Uint8Array | null, after: Uint8Array): Promise<ChangedPaths> {
  const [old, now] = await Promise.all([before ? filesOf(before) : new Map<string, string>(), filesOf(after)]);
  return {
    added: [...now.keys()].filter((path) => !old.has(path)),
    changed: [...now.keys()].filter((path) => old.has(path) && old.get(path) !== now.get(path)),
    removed: [...old.keys()].filter((path) => !now.has(path)),
  };
}

/** Path → what it holds, where it points to, whether it may be executed. */
async function filesOf(archive: Uint8Array): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  await new Promise<void>((resolve, reject) => {
    const stream = list({
      strict: true,
      onReadEntry: (entry) => {
        if (entry.type === 'Directory') return entry.resume();
        const hash = createHash('sha256').update(`${entry.type} ${entry.mode} ${entry.linkpath ?? ''}\0`);
        entry.on('data', (chunk) => hash.update(chunk));
        entry.on('end', () => files.set(entry.path, hash.digest('hex')));
      },
    });
    stream.on('end', resolve);
    stream.on('error', reject);
    stream.end(Buffer.from(archive));
  });
  return files;
}
