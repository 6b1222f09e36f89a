import type { FieldIssue } from '../api/call.js';
import type { SplitPage } from './form-page.js';
import { propertyNames } from './form-page.js';
import type { Issue } from './issues-in-words.js';

export interface PlacedIssues {
  /** By page, in the pages' order. */
  pages: Issue[][];
  /** What belongs to no field of the form. */
  others: string[];
}

/** Brings what the server found to the fields it speaks of: `properties.NAME`, and for what lies deeper `properties.NAME.PART`. */
export function placeIssues(details: readonly FieldIssue[], pages: readonly SplitPage[]): PlacedIssues {
  const names = pages.map(({ schema }) => propertyNames(schema));
  const placed: PlacedIssues = { pages: pages.map(() => []), others: [] };
  for (const { path, code, message } of details) {
    const [root, ...parts] = path.split('.');
    const [name] = parts;
    const page = root === 'properties' && name !== undefined ? names.findIndex((known) => known.has(name)) : -1;
    const issues = placed.pages[page];
    if (issues) issues.push({ path: parts, keyword: code, message });
    else placed.others.push(message);
  }
  return placed;
}
