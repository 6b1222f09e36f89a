import { readFileSync, realpathSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, posix, resolve, sep } from 'node:path';
import type { FormPage, Operation } from '@slipway/contracts';
import { pack } from '../workspace/archive.js';
import type { Archive } from '../workspace/archive.js';
import { TemplateInvalid } from './finding.js';
import type { Finding } from './finding.js';
import type { TemplateDocument } from './template-document.js';
import type { ReadBeside } from './placeholders.js';
import { validateTemplate } from './validate-template.js';
import type { KnownSteps, ValidatedTemplate } from './validate-template.js';

/** One action of a golden path, with all that a request needs and stores. */
export interface LoadedTemplate {
  identifier: string;
  title: string;
  description: string;
  operation: Operation;
  blueprint: string;
  pages: FormPage[];
  document: TemplateDocument;
  /** Of the whole folder: every action of a path shares it. */
  digest: string;
  archive: Archive['bytes'];
  /** Inside the archive, with `/`: `<action>/template.yaml`. */
  templatePath: string;
  /** Warnings only; an error keeps a template from loading. */
  findings: Finding[];
}

/**
 * Reads `<path>/<action>/template.yaml` for every action, deeper where templates lie in folders of their own, and `<path>` as one archive. With `steps`, an action that is
 * not registered is an error. Throws `TemplateInvalid` with every finding of the first file that has an error.
 */
export async function loadGoldenPath(path: string, steps?: KnownSteps): Promise<LoadedTemplate[]> {
  const root = resolve(path);
  const templatePaths = await findTemplates(root);
  if (templatePaths.length === 0) throw new Error(`There is no template in ${path}: expected <action>/template.yaml in it.`);
  const archive = await packTemplate(root);
  const loaded: LoadedTemplate[] = [];
  for (const templatePath of templatePaths) loaded.push(await loadAction(root, templatePath, archive, steps));
  return loaded;
}

/** One of them, whatever its file is called. @throws TemplateInvalid */
export async function loadTemplate(path: string, templatePath: string): Promise<LoadedTemplate> {
  return loadAction(resolve(path), templatePath, await packTemplate(resolve(path)), undefined);
}

/** The folder as it is stored: without what tools leave behind. */
export function packTemplate(root: string): Promise<Archive> {
  return pack(root, { ignore: isLeftover });
}

/** Every golden path in a folder of them, such as `templates/`. */
export async function loadGoldenPaths(folder: string, steps?: KnownSteps): Promise<LoadedTemplate[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const paths = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => entry.name);
  const loaded: LoadedTemplate[] = [];
  for (const name of paths.sort()) loaded.push(...(await loadGoldenPath(join(folder, name), steps)));
  const taken = new Map<string, LoadedTemplate>();
  for (const template of loaded) {
    if (taken.has(template.identifier)) throw new Error(`Two templates in ${folder} are called "${template.identifier}".`);
    taken.set(template.identifier, template);
  }
  return loaded;
}

/** Folders below the root in which a template may lie. */
const deepest = 3;

/** What lies below a template, but at the root, is its own and holds no other. */
async function findTemplates(root: string, below = '.', depth = 0): Promise<string[]> {
  const entries = await readdir(join(root, below), { withFileTypes: true });
  const found = entries.some(({ name }) => name === 'template.yaml') ? [posix.join(below, 'template.yaml')] : [];
  if (depth === deepest || (found.length > 0 && depth > 0)) return found;
  const within = found.length > 0 ? deepest : depth + 1;
  const folders = entries.filter((entry) => entry.isDirectory() && !/^\.|^skeleton$|^node_modules$/.test(entry.name)).map(({ name }) => name);
  for (const folder of folders.sort()) found.push(...(await findTemplates(root, posix.join(below, folder), within)));
  return found;
}

async function loadAction(
  root: string,
  templatePath: string,
  archive: Archive,
  steps: KnownSteps | undefined,
): Promise<LoadedTemplate> {
  const { document, findings } = await validateTemplateFile(root, templatePath, steps ? { steps } : {});
  if (!document) throw new TemplateInvalid(join(root, templatePath), findings);
  const { metadata, spec } = document;
  return {
    identifier: metadata.name,
    title: metadata.title ?? metadata.name,
    description: metadata.description ?? '',
    operation: spec.operation,
    blueprint: spec.blueprint,
    pages: spec.parameters,
    document,
    digest: archive.digest,
    archive: archive.bytes,
    templatePath,
    findings,
  };
}

/** Everything that can be said about one file of a golden path, with what its placeholders name. `file`: as findings call it. */
export async function validateTemplateFile(
  root: string,
  templatePath: string,
  options: { file?: string; steps?: KnownSteps } = {},
): Promise<ValidatedTemplate> {
  const text = await readFile(join(root, templatePath), 'utf8');
  return validateTemplate(text, { file: templatePath, readBeside: readerBeside(root, templatePath), ...options });
}

const longestRead = 1024 * 1024;

/** Files of the golden path alone, links followed. */
function readerBeside(root: string, templatePath: string): ReadBeside {
  return (path) => {
    try {
      const file = realpathSync(join(root, posix.dirname(templatePath), path));
      const inside = file.startsWith(realpathSync(root) + sep);
      return inside && statSync(file).isFile() && statSync(file).size <= longestRead ? readFileSync(file, 'utf8') : null;
    } catch {
      // Not there, or no name that a file can have: the placeholder says so.
      return null;
    }
  };
}

/** What tools leave behind when somebody works on a template, and its tests: no run needs them, and they would change the digest. */
function isLeftover(name: string): boolean {
  return (
    ['template.test.yaml', '.git', '.DS_Store', '__pycache__', '.pytest_cache', '.ruff_cache', '.venv', 'node_modules'].includes(name) ||
    name.endsWith('.pyc')
  );
}
