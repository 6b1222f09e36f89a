import type { Operation } from '@slipway/contracts';
import type { LoadedTemplate } from '@slipway/templating';

/** What people can ask for, as installed. */
export interface ActionStore {
  find(identifier: string): Promise<RequestableAction | null>;
  list(): Promise<ActionRecord[]>;
}

export interface ActionRecord {
  identifier: string;
  title: string;
  description: string;
  operation: Operation;
  blueprint: string;
  template: StoredTemplate;
  templateDigest: string;
}

/** What of a loaded template a request needs: JSON, as stored with the action. */
export type StoredTemplate = Pick<LoadedTemplate, 'document' | 'templatePath'>;

/** An action with what a request for it needs to know about its blueprint. */
export interface RequestableAction extends ActionRecord {
  blueprintSchema: Record<string, unknown>;
}
