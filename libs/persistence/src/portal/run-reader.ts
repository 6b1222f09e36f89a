import type { LogEvent, ResourceView, RunStatus, RunView } from '@slipway/contracts';
import type { TypedSecret } from '@slipway/engine';
import type { EventPage, OwnedRun, Page, PlaceInRun, RunListQuery, RunReader, RunResults } from '@slipway/portal';
import type pg from 'pg';
import { z } from 'zod';
import { type EventRow, toEvent } from '../history/event-row.js';
import { readPacked } from '../history/packed-events.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { runsAhead } from '../line/turn-of-entity.js';
import { type ResourceViewRow, type RunViewRow, toResourceView, toRunView } from './views.js';
import { Where } from './where.js';

export class PostgresRunReader implements RunReader {
  constructor(private readonly pool: pg.Pool) {}

  async find(runId: string): Promise<OwnedRun | null> {
    const found = await this.pool.query<RunViewRow>({
      name: 'find-run',
      text: `${selectRun} WHERE run.id = $1`,
      values: [runId],
    });
    const row = found.rows[0];
    return row ? { run: toRunView(row), team: row.team } : null;
  }

  async ownerOf(runId: string): Promise<Pick<OwnedRun, 'team'> | null> {
    const found = await this.pool.query<{ team: string | null }>({ name: 'owner-of-run', text: 'SELECT team FROM runs WHERE id = $1', values: [runId] });
    return found.rows[0] ?? null;
  }

  async list(query: RunListQuery): Promise<Page<RunView>> {
    const where = filterOf(query);
    const text = `${selectRun} ${where.sql()} ORDER BY run.created_at DESC, run.id LIMIT ${query.limit + 1}`;
    const found = await this.pool.query<RunViewRow>(text, where.values);
    const rows = found.rows.slice(0, query.limit);
    const last = found.rows.length > query.limit ? rows.at(-1) : undefined;
    return {
      items: rows.map(toRunView),
      next: last ? encodeCursor({ at: last.created_at.toISOString(), id: last.id } satisfies Place) : null,
    };
  }

  async results(runId: string): Promise<RunResults | null> {
    const found = await this.pool.query<ResultsRow>({ name: 'run-results', text: resultsSql, values: [runId] });
    const row = found.rows[0];
    if (!row) return null;
    const { id, inputs, output, steps } = row;
    const entity = { blueprint: row.blueprint, identifier: row.entity };
    return { output, run: { id, entity, inputs, requestedBy: row.requested_by }, steps: steps ?? [] };
  }

  async resources(runId: string): Promise<ResourceView[]> {
    const found = await this.pool.query<ResourceViewRow>('SELECT * FROM resources WHERE run_id = $1 ORDER BY position', [runId]);
    return found.rows.map(toResourceView);
  }

  async typedSecrets(runId: string): Promise<TypedSecret[]> {
    const found = await this.pool.query<{ secrets: TypedSecret[] | null }>(`SELECT plan -> 'secrets' AS secrets FROM runs WHERE id = $1`, [runId]);
    return found.rows[0]?.secrets ?? [];
  }

  async logLines(runId: string, offset: number, limit: number): Promise<LogEvent[]> {
    const { rows } = await this.pool.query<EventRow>({ name: 'log-lines', text: logLinesSql, values: [runId, offset, limit] });
    // Lines have no gaps: where the next one is not among the events, it was packed away, or there is none.
    if (rows[0]?.line === offset + 1) return rows.map((row) => toEvent(row) as LogEvent);
    const packed = await readPacked(this.pool, runId, { line: offset }, limit);
    return joined(packed, rows, limit).map((row) => toEvent(row) as LogEvent);
  }

  async eventPages(readers: readonly PlaceInRun[], limit: number): Promise<(EventPage | null)[]> {
    const found = await this.pool.query<EventPageRow>({
      name: 'event-pages',
      text: eventPagesSql,
      values: [readers.map(({ runId }) => runId), readers.map(({ after }) => after), limit],
    });
    const rows = Map.groupBy(found.rows, ({ number }) => number);
    return Promise.all(readers.map((reader, index) => this.pageOf(reader, rows.get(index + 1) ?? [], limit)));
  }

  private async pageOf({ runId, after }: PlaceInRun, found: EventPageRow[], limit: number): Promise<EventPage | null> {
    const first = found[0];
    if (!first) return null;
    const rows = found.filter((row): row is EventPageRow & EventRow => row.seq !== null);
    const complete = rows[0]?.seq === after + 1 || first.last_seq <= after;
    const events = complete ? rows : joined(await readPacked(this.pool, runId, { seq: after }, limit), rows, limit);
    return { events: events.map(toEvent), status: first.status as RunStatus, lastSeq: first.last_seq };
  }
}

/** Events may have been packed between the two looks: each counts once. */
function joined(packed: EventRow[], rows: EventRow[], limit: number): EventRow[] {
  const last = packed.at(-1)?.seq ?? 0;
  return [...packed, ...rows.filter((row) => row.seq > last)].slice(0, limit);
}

type EventPageRow = { number: number; status: string; last_seq: number } & (EventRow | { [column in keyof EventRow]: null });

const Place = z.object({ at: z.iso.datetime(), id: z.string().regex(/^r_\w+$/) });
type Place = z.infer<typeof Place>;

function filterOf(query: RunListQuery): Where {
  const where = new Where().andVisible('run.team', query.visibility);
  if (query.blueprint !== undefined) where.and('run.blueprint = ?', query.blueprint);
  if (query.entity !== undefined) where.and('run.entity = ?', query.entity);
  if (query.action !== undefined) where.and('run.action = ?', query.action);
  if (query.statuses !== undefined) where.and('run.status = ANY (?)', query.statuses);
  if (query.after !== null) {
    const { at, id } = decodeCursor(Place, query.after);
    where.and('run.created_at <= ? AND (run.created_at < ? OR run.id > ?)', at, at, id);
  }
  return where;
}

const selectRun = `
  SELECT run.*, (
    SELECT json_agg(json_build_object('id', step.id, 'parent', step.parent, 'status', step.status, 'attempt', step.attempt, 'failure', step.failure,
             'wait', step.wait, 'started_at', step.started_at, 'ended_at', step.ended_at) ORDER BY step.position, step.item NULLS FIRST)
      FROM steps AS step WHERE step.run_id = run.id
  ) AS steps, CASE WHEN run.status = 'QUEUED' THEN ${runsAhead('run')} END AS behind
  FROM runs AS run`;

type ResultsRow = Pick<RunViewRow, 'id' | 'blueprint' | 'entity' | 'inputs' | 'requested_by'> & {
  output: RunResults['output'];
  steps: RunResults['steps'] | null;
};

const resultsSql = `
  SELECT run.id, run.blueprint, run.entity, run.inputs, run.requested_by, run.plan -> 'output' AS output, (
    SELECT json_agg(json_build_object('id', step.id, 'parent', NULL, 'status', step.status, 'output', step.output))
      FROM steps AS step WHERE step.run_id = run.id AND step.parent IS NULL
  ) AS steps
  FROM runs AS run WHERE run.id = $1 AND run.plan ? 'output'`;

/** A line's number is never above its event's: the key leads to within a few events of the first line. */
const logLinesSql = `
  SELECT seq, line, type, body, at FROM events WHERE run_id = $1 AND seq > $2 AND line > $2 ORDER BY seq LIMIT $3`;

/** One snapshot: a status that says the run has ended is never seen without the events up to its end. */
const eventPagesSql = `
  SELECT reader.number::int, run.status, run.last_seq, event.seq, event.line, event.type, event.body, event.at
    FROM unnest($1::text[], $2::int[]) WITH ORDINALITY AS reader(run_id, after, number)
    JOIN runs AS run ON run.id = reader.run_id
    LEFT JOIN LATERAL (SELECT * FROM events WHERE run_id = run.id AND seq > reader.after ORDER BY seq LIMIT $3) AS event ON true
   ORDER BY reader.number, event.seq`;
