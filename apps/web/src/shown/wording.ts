import type { Operation } from '../api/actions.js';

/** `latest_commit` → `Latest commit`: names that people gave to fields, read as a heading. */
export function heading(name: string): string {
  const words = name.replaceAll(/[_-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const operationInWords: Record<Operation, string> = { CREATE: 'Creates', DAY_2: 'Changes', DELETE: 'Deletes' };
export const submitInWords: Record<Operation, string> = { CREATE: 'Create', DAY_2: 'Start', DELETE: 'Delete' };

/** Over what a run worked on outside. */
export const resourcesInWords: Record<Operation, string> = { CREATE: 'What came into being', DAY_2: 'What came into being', DELETE: 'What is taken away' };

/** `github:repository` → `GitHub repository`. */
export function resourceKindInWords(kind: string): string {
  const [provider = '', ...rest] = kind.split(':');
  const name = { github: 'GitHub', kubernetes: 'Kubernetes', argocd: 'Argo CD', akeyless: 'Akeyless' }[provider] ?? heading(provider);
  return [name, ...rest.map((part) => part.replaceAll(/[_-]+/g, ' '))].join(' ');
}
