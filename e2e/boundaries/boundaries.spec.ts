import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const config = path.join(import.meta.dirname, '../../.dependency-cruiser.mjs');
const run = promisify(execFile);

/** What `npm run check` holds the product to. */
describe('the import rules', () => {
  it('each have an example that breaks them', async () => {
    const { slipwayRules } = (await import(config)) as { slipwayRules: Array<{ name: string }> };
    expect((await readdir(path.join(import.meta.dirname, 'examples'))).sort()).toEqual(slipwayRules.map((rule) => rule.name).sort());
  });

  it('name every library one by one: no wildcard stands for all of them', async () => {
    const text = await readFile(config, 'utf8');
    expect(text).not.toMatch(/path: '\^?(libs|apps)\/\.\*/);
  });

  it('refuse each example', async () => {
    const { stdout } = await run(process.execPath, [path.join(import.meta.dirname, 'broken-rules.mjs')]);
    const broken = Object.entries(JSON.parse(stdout) as Record<string, string[]>);
    expect(broken).not.toEqual([]);
    for (const [name, rules] of broken) expect({ name, rules }).toEqual({ name, rules: expect.arrayContaining([name]) });
  });
});
