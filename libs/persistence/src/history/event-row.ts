import type { RunEvent } from '@slipway/contracts';

/** A row of `events`, as `pg` answers it. */
export interface EventRow {
  seq: number;
  line: number | null;
  type: string;
  body: Record<string, unknown>;
  at: Date;
}

export function toEvent(row: EventRow): RunEvent {
  const { seq, line, type, body, at } = row;
  return { ...body, seq, type, at: at.toISOString(), ...(line === null ? {} : { line }) } as unknown as RunEvent;
}
