import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { WrongUse } from '../wrong-use.js';

/** Where one template lies. */
export interface TemplatePlace {
  /** As a person would name it from where they are. */
  file: string;
  /** The folder that is the template: its skeleton lies in it. */
  root: string;
  /** From the root, with `/`. */
  templatePath: string;
}

const deepest = 4;

/** Every `template.yaml` at or below a path, in order of name. None is wrong use. */
export async function findTemplates(given: string): Promise<TemplatePlace[]> {
  const found = await stat(given).catch(() => null);
  if (!found) throw new WrongUse(`There is no ${given}.`);
  if (found.isFile()) return [await placeOf(given)];
  const files = await filesBelow(given, 0);
  if (files.length === 0) throw new WrongUse(`There is no template.yaml in ${given}.`);
  return Promise.all(files.map(placeOf));
}

/**
 * A golden path keeps one skeleton beside the folders of its actions, and all of it is one template; so it is with skeletons that
 * several templates of a repository share (`url: ../../skeletons/ci`).
 */
async function placeOf(file: string): Promise<TemplatePlace> {
  const folder = path.dirname(await realpath(file));
  const above = path.dirname(folder);
  const shared = (await isFolder(path.join(above, 'skeleton'))) ? [above] : [];
  const root = [folder, ...shared, ...(await reachedFrom(folder, await readFile(file, 'utf8')))].sort((one, other) => one.length - other.length)[0] ?? folder;
  const templatePath = path.relative(root, path.join(folder, path.basename(file))).split(path.sep).join('/');
  return { file: path.normalize(file), root, templatePath };
}

/** The folders that hold both the template and one that it names by a relative path upwards, where there is such a one. */
async function reachedFrom(folder: string, text: string): Promise<string[]> {
  const named = [...text.matchAll(/(?:^|[\s"'])((?:\.\.\/)+)([\w.-]+)/gm)];
  const reached = await Promise.all(named.map(async ([, up = '', name = '']) => ((await isFolder(path.join(folder, up, name))) ? [path.join(folder, up)] : [])));
  return reached.flat().map((place) => path.resolve(place));
}

async function isFolder(place: string): Promise<boolean> {
  return (await stat(place).catch(() => null))?.isDirectory() === true;
}

async function filesBelow(folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name === 'template.yaml').map((entry) => path.join(folder, entry.name));
  if (depth === deepest) return files;
  // What a skeleton holds belongs to whom it is rendered for.
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !['skeleton', 'node_modules'].includes(entry.name));
  const below = await Promise.all(folders.map((entry) => filesBelow(path.join(folder, entry.name), depth + 1)));
  return [...files, ...below.flat()].sort();
}
