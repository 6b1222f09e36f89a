import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const values = {
  name: 'shop',
  owner: 'team-a',
  port: 8080,
  regions: ['eu-1', 'eu-2', 'us-1'],
  docs: true,
  database: { host: 'db.example.com', name: 'shop' },
};

/** A skeleton of so many files, made alike each time: mostly text with expressions in it, some without, some binary; 3 kB each. */
export async function makeSkeleton(files) {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-skeleton-'));
  for (let file = 0; file < files; file += 1) {
    const below = path.join(folder, `part-${file % 40}`, '${{ values.name }}');
    if (file < 40) await mkdir(below, { recursive: true });
    await writeFile(path.join(below, `${file % 3 === 0 ? '${{ values.owner }}-' : ''}file-${file}.yaml`), contentOf(file));
  }
  return folder;
}

function contentOf(file) {
  if (file % 20 === 0) return Buffer.alloc(3_000, file);
  if (file % 10 === 1) return 'a line that is as it is\n'.repeat(125);
  return `${head}${`# what stands in every such file, at some length, line after line ${file}\n`.repeat(36)}${tail}`;
}

const head = `name: \${{ values.name }}-\${{ values.owner | upper }}
port: \${{ values.port }}
{% if values.docs %}docs: https://\${{ values.database.host }}/\${{ values.name | lower }}
{% endif %}`;

const tail = `regions:
{% for region in values.regions %}  - \${{ region }}: \${{ values.database.name | default("none") }}
{% endfor %}{% raw %}left: \${{ github.ref }}
{% endraw %}`;
