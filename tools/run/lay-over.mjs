import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

/**
 * The configuration that `npm start` writes, with what the YAML file says laid over it: objects are merged, lists get longer,
 * anything else is replaced. Relative paths of template folders begin at the file's own folder.
 */
export function layOver(written, file) {
  const given = parse(readFileSync(file, 'utf8')) ?? {};
  const folder = path.dirname(path.resolve(file));
  const templates = given.templates?.map((source) => (source.path && !source.git ? { ...source, path: path.resolve(folder, source.path) } : source));
  return merged(written, templates ? { ...given, templates } : given);
}

function merged(below, above) {
  if (Array.isArray(below) && Array.isArray(above)) return [...below, ...above];
  if (!isObject(below) || !isObject(above)) return above;
  const names = Object.keys(above).map((name) => [name, name in below ? merged(below[name], above[name]) : above[name]]);
  return { ...below, ...Object.fromEntries(names) };
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
