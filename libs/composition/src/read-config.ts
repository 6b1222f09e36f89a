import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { Config } from './config.js';

/** Reads and checks the whole file; throws with every fault at once, each with its path. */
export async function readConfig(file: string): Promise<Config> {
  const parsed = Config.safeParse(await readYaml(file));
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `  ${issue.path.join('.') || '(top)'}: ${issue.message}`);
    throw new Error(`The configuration ${file} is not valid:\n${faults.join('\n')}`);
  }
  const folder = path.dirname(path.resolve(file));
  const templates = parsed.data.templates.map((source) =>
    'git' in source ? source : { ...source, path: path.resolve(folder, source.path) },
  );
  return { ...parsed.data, templates };
}

async function readYaml(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`The configuration ${file} cannot be read (${(error as Error).message}). Set SLIPWAY_CONFIG to the path of your YAML file.`, { cause: error });
  }
  try {
    // No merge keys, few aliases: a configuration needs neither, and both can blow up.
    return parse(text, { maxAliasCount: 50 });
  } catch (error) {
    throw new Error(`The configuration ${file} is no YAML: ${(error as Error).message}`, { cause: error });
  }
}
