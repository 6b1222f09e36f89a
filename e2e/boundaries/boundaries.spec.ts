import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** What dependency-cruiser answers as JSON: only what is read here. */
interface Report {
  summary: { violations: Array<{ rule: { name: string } }> };
}

const root = path.join(import.meta.dirname, '../..');
const config = path.join(root, '.dependency-cruiser.mjs');
const examples = path.join(import.meta.dirname, 'examples');
const run = promisify(execFile);

describe('the import rules', () => {
  it('each have an example that breaks them', async () => {
    const { slipwayRules } = (await import(config)) as { slipwayRules: Array<{ name: string }> };
    expect((await readdir(examples)).sort()).toEqual(slipwayRules.map((rule) => rule.name).sort());
  });

  it('name every library one by one: no wildcard stands for all of them', async () => {
    const text = await readFile(config, 'utf8');
    expect(text).not.toMatch(/path: '\^?(libs|apps)\/\.\*/);
  });

  it('refuse each example', async () => {
    const names = await readdir(examples);
    const broken = await Promise.all(names.map(async (name) => ({ name, rules: await violations(path.join(examples, name)) })));
    for (const { name, rules } of broken) expect({ name, rules }).toEqual({ name, rules: expect.arrayContaining([name]) });
  }, 120_000);

  it('find nothing to refuse in the product', async () => {
    expect(await violations(root, ['apps', 'libs'])).toEqual([]);
  }, 60_000);
});

async function violations(folder: string, paths = ['.']): Promise<string[]> {
  const cruiser = path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  // Exits with the number of errors, which is the expected outcome here: the report says the rest.
  const { stdout } = await run(process.execPath, [cruiser, '--config', config, '--output-type', 'json', ...paths], {
    cwd: folder,
    maxBuffer: 64 * 1024 * 1024,
  }).catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }));
  return (JSON.parse(stdout) as Report).summary.violations.map(({ rule }) => rule.name);
}
