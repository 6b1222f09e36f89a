import type { SplitPage } from './form-page.js';

export interface Reviewed {
  name: string;
  /** As the author has it; undefined where he gave none. */
  title: string | undefined;
  value: string;
}

/** What a page was given, in the order of its fields; nothing of one whose author does not want it shown. */
export function reviewed({ schema, uiSchema }: SplitPage, given: Record<string, unknown>): Reviewed[] {
  const properties = (schema.properties ?? {}) as Record<string, unknown>;
  const names = [...new Set([...Object.keys(properties), ...Object.keys(given)])];
  return names.flatMap((name) => {
    const ui = (uiSchema[name] ?? {}) as Record<string, unknown>;
    const isHidden = ui['ui:widget'] === 'password';
    const value = given[name];
    if (isShownNever(ui) || (!isHidden && isEmpty(value))) return [];
    const { title } = (properties[name] ?? {}) as { title?: unknown };
    const shown = isHidden ? (isEmpty(value) ? 'not set' : 'set') : inWords(value);
    return [{ name, title: typeof title === 'string' ? title : undefined, value: shown }];
  });
}

function isShownNever(ui: Record<string, unknown>): boolean {
  const review = (ui['ui:backstage'] as { review?: { show?: unknown } } | undefined)?.review;
  return review?.show === false;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function inWords(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value) && value.every((item) => typeof item !== 'object') ? value.join(', ') : JSON.stringify(value);
}
