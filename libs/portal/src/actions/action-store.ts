import type { Operation } from '@slipway/contracts';

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
  /** The template's document as templating loaded it. */
  template: unknown;
  templateDigest: string;
}

/** An action with what a request for it needs to know about its blueprint. */
export interface RequestableAction extends ActionRecord {
  blueprintSchema: Record<string, unknown>;
}
