import { stat } from 'node:fs/promises';
import path from 'node:path';

/** The file under `folder` that a URL's path names, relative to it; null when there is none or it lies outside. */
export async function webFile(folder: string, urlPath: string): Promise<string | null> {
  const decoded = decode(urlPath);
  if (decoded === null || decoded.includes('\0')) return null;
  const absolute = path.join(folder, decoded);
  if (!absolute.startsWith(folder + path.sep)) return null;
  const found = await stat(absolute).catch(() => null);
  return found?.isFile() ? path.relative(folder, absolute) : null;
}

function decode(urlPath: string): string | null {
  try {
    return decodeURIComponent(urlPath);
  } catch {
    return null;
  }
}
