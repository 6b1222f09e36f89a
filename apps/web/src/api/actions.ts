import * as z from 'zod/mini';
import { ask } from './ask.js';

export const Operation = z.enum(['CREATE', 'DAY_2', 'DELETE']);
export type Operation = z.infer<typeof Operation>;

const ActionSummary = z.object({ identifier: z.string(), title: z.string(), description: z.string(), operation: Operation, blueprint: z.string() });
export type ActionSummary = z.infer<typeof ActionSummary>;

/** A page of a form: JSON Schema with `ui:*` keys inside, as the template's author wrote it. */
const FormPage = z.record(z.string(), z.unknown());
export type FormPage = z.infer<typeof FormPage>;

const Action = z.extend(ActionSummary, { pages: z.array(FormPage) });
export type Action = z.infer<typeof Action>;

export const actionsQuery = `query Actions { actions { identifier title description operation blueprint } }`;

export async function loadActions(signal?: AbortSignal): Promise<ActionSummary[]> {
  return (await ask(actionsQuery, {}, z.object({ actions: z.array(ActionSummary) }), signal)).actions;
}

export const actionQuery = `query Action($id: ID!) { action(id: $id) { identifier title description operation blueprint pages } }`;

/** Null when there is none of that name. */
export async function loadAction(id: string, signal?: AbortSignal): Promise<Action | null> {
  return (await ask(actionQuery, { id }, z.object({ action: z.nullable(Action) }), signal)).action;
}
