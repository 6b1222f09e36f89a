import type { FormPage } from '@slipway/contracts';

/** A template's `spec.parameters`: one page or a list of them, or none. */
export function formPages(template: unknown): FormPage[] {
  const parameters = (template as { spec?: { parameters?: FormPage | FormPage[] } }).spec?.parameters;
  if (parameters === undefined) return [];
  return Array.isArray(parameters) ? parameters : [parameters];
}
