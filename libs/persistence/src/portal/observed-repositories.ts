import type { RepositoryFacts, RepositoryState } from '@slipway/contracts';
import { type DueRepository, factsAsProperties, type Observed, type ObservedRepositories, type RepositoryKey } from '@slipway/portal';
import type pg from 'pg';
import { inTransaction } from './in-transaction.js';

/** Facts lie with the entity that holds the repository; what people see of them, among its properties and its links. */
export class PostgresObservedRepositories implements ObservedRepositories {
  constructor(private readonly pool: pg.Pool) {}

  async observe(repositories: readonly RepositoryKey[], change: (known: RepositoryFacts, index: number) => Observed): Promise<void> {
    if (repositories.length === 0) return;
    await inTransaction(this.pool, async (connection) => {
      const columns = [repositories.map(({ kind }) => kind), repositories.map(({ id }) => String(id)), repositories.map(({ fullName }) => fullName)];
      const { rows } = await connection.query<HolderRow>({ name: 'holders-of-repositories', text: holdersSql, values: columns });
      const kept: KeptRow[] = [];
      for (const ofEntity of Map.groupBy(rows, ({ blueprint, identifier }) => `${blueprint} ${identifier}`).values()) {
        kept.push(...(await observeOfEntity(connection, ofEntity, change)));
      }
      if (kept.length > 0) await connection.query({ name: 'keep-observed', text: keepSql, values: [JSON.stringify(kept)] });
    });
  }

  async takeDue(kind: string): Promise<DueRepository | null> {
    const { rows } = await this.pool.query<DueRow>({ name: 'take-due-repository', text: takeDueSql, values: [kind] });
    const [due] = rows;
    return due ? { id: due.id === null ? null : Number(due.id), fullName: due.full_name, knownRelease: due.release } : null;
  }

  async makeDue(kind: string, which: 'all' | 'unheard'): Promise<number> {
    return (await this.pool.query(makeDueSql, [kind, which === 'all'])).rowCount ?? 0;
  }
}

interface DueRow {
  id: string | null;
  full_name: string;
  release: string | null;
}

interface HolderRow {
  /** Which of the given repositories it holds. */
  number: number;
  blueprint: string;
  identifier: string;
  observed: RepositoryFacts;
  run_id: string;
  kind: string;
  external_id: string;
  /** What its link shows. */
  url: string | null;
  full_name: string;
}

/** What to write of an entity. */
interface KeptRow {
  blueprint: string;
  identifier: string;
  /** Null: nothing new. */
  facts: RepositoryFacts | null;
  shown: Record<string, unknown>;
  hidden: string[];
  ask_after_ms: number | null;
}

/** All that one entity holds of them, most often one: each builds on the one before. */
async function observeOfEntity(
  connection: pg.PoolClient,
  holders: readonly HolderRow[],
  change: (known: RepositoryFacts, index: number) => Observed,
): Promise<KeptRow[]> {
  const [first] = holders;
  if (!first) return [];
  const { blueprint, identifier } = first;
  const properties: Record<string, unknown> = {};
  let known = first.observed;
  let facts: RepositoryFacts | null = null;
  let askAfterMs: number | null = null;
  for (const holder of holders) {
    const observed = change(known, holder.number - 1);
    askAfterMs = observed.askAfterMs ?? askAfterMs;
    if (!observed.changed) continue;
    facts = observed.facts;
    Object.assign(properties, factsAsProperties(facts), await tellOfNewName(connection, { ...holder, observed: known }, facts));
    known = facts;
  }
  if (facts === null && askAfterMs === null) return [];
  const all = Object.entries(properties);
  const shown = Object.fromEntries(all.filter(([, value]) => value !== null));
  const hidden = all.filter(([, value]) => value === null).map(([name]) => name);
  return [{ blueprint, identifier, facts, shown, hidden, ask_after_ms: askAfterMs }];
}

/** The ledger's row keeps the name it was made under, by which its run knows it; what people see of it is the new one. */
async function tellOfNewName(connection: pg.PoolClient, holder: HolderRow, { state }: RepositoryFacts): Promise<Record<string, unknown>> {
  if (!state) return {};
  const { blueprint, identifier, run_id: runId, kind, external_id: firstName, observed } = holder;
  const hasItsFirstName = ({ fullName }: RepositoryState): boolean => fullName.toLowerCase() === firstName.toLowerCase();
  const url = linkOf(state);
  if (!isShown(holder, { url, fullName: state.fullName })) {
    await connection.query({ name: 'show-repository', text: showSql, values: [runId, kind, firstName, url, state.fullName] });
  }
  if (hasItsFirstName(state) && (!observed.state || hasItsFirstName(observed.state))) return { repository_notice: null };
  const name = state.fullName.split('/')[1] ?? state.fullName;
  await connection.query(claimSql, [blueprint, identifier, name]);
  if (hasItsFirstName(state)) return { repository: name, repository_notice: null };
  const naming = await connection.query<{ title: string }>(stillNamesSql, [blueprint, identifier, kind, firstName]);
  return { repository: name, repository_notice: noticeOf(firstName, state, naming.rows.map(({ title }) => title)) };
}

/**
 * The link was seen before the entity was locked, and the entity's facts after it: whoever changed the link in between, or the
 * observation before this one, is seen in those.
 */
function isShown({ url, full_name, observed: { state } }: HolderRow, shown: { url: string | null; fullName: string }): boolean {
  if (url !== shown.url || full_name !== shown.fullName) return false;
  return !state || (linkOf(state) === shown.url && state.fullName === shown.fullName);
}

function linkOf({ condition, url }: RepositoryState): string | null {
  return condition === 'deleted' ? null : url;
}

function noticeOf(firstName: string, { fullName, url }: RepositoryState, titles: readonly string[]): string {
  const was = `Was ${firstName}, and is ${fullName} now.`;
  if (titles.length === 0) return was;
  return `${was} Still at the old address, and to be pointed to ${url}: ${titles.join(', ')}.`;
}

/**
 * By its id, which outlives its name, or, while its run has not told the id, by its name. Whoever comes at the same time waits
 * here, in the order of their entities: of two that observe the same ones, neither waits for the other who waits for him. One by
 * one, through keys: joined, all entities are read where there are many, since nobody knows how few rows have an id.
 */
const holdersSql = `
  WITH holder AS MATERIALIZED (
    SELECT given.number, resource.*, (SELECT mark FROM runs WHERE id = resource.run_id) AS mark
      FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS given(kind, id, full_name, number)
     CROSS JOIN LATERAL (
        SELECT * FROM resources WHERE kind = given.kind AND properties ->> 'id' = given.id
        UNION ALL
        SELECT * FROM resources WHERE kind = given.kind AND external_id = given.full_name AND properties ->> 'id' IS NULL
      ) AS resource
     WHERE resource.state NOT IN ('REMOVED', 'KEPT')
     ORDER BY resource.blueprint, resource.entity, given.number
  )
  SELECT holder.number::int, entity.blueprint, entity.identifier, entity.observed, holder.run_id, holder.kind, holder.external_id,
         holder.url, coalesce(holder.properties ->> 'fullName', holder.external_id) AS full_name
    FROM holder CROSS JOIN LATERAL (
      SELECT * FROM entities WHERE blueprint = holder.blueprint AND identifier = holder.entity AND mark = holder.mark FOR UPDATE
    ) AS entity`;

const keepSql = `
  UPDATE entities AS entity
     SET observed = coalesce(kept.facts, observed), properties = (properties || kept.shown) - kept.hidden,
         read_due_at = CASE WHEN kept.ask_after_ms IS NULL THEN read_due_at ELSE now() + kept.ask_after_ms * interval '1 millisecond' END,
         updated_at = CASE WHEN kept.facts IS NULL THEN updated_at ELSE now() END
    FROM jsonb_to_recordset($1::jsonb) AS kept(blueprint text, identifier text, facts jsonb, shown jsonb, hidden text[], ask_after_ms bigint)
   WHERE entity.blueprint = kept.blueprint AND entity.identifier = kept.identifier`;

const showSql = `
  UPDATE resources
     SET url = $4, updated_at = now(), properties = properties || jsonb_build_object('fullName', $5::text),
         title = replace(title, coalesce(properties ->> 'fullName', external_id), $5)
   WHERE run_id = $1 AND kind = $2 AND external_id = $3
     AND (url IS DISTINCT FROM $4 OR coalesce(properties ->> 'fullName', external_id) <> $5)`;

const claimSql = `
  UPDATE entity_claims AS claim SET value = $3
   WHERE claim.blueprint = $1 AND claim.entity = $2 AND claim.property = 'repository' AND claim.value <> $3
     AND NOT EXISTS (SELECT 1 FROM entity_claims AS other WHERE other.blueprint = $1 AND other.property = 'repository' AND other.value = $3)`;

/** Such as Argo CD's view of it, which GitHub's redirect serves only until somebody else takes the old name. */
const stillNamesSql = `
  SELECT title FROM resources
   WHERE blueprint = $1 AND entity = $2 AND kind <> $3 AND state NOT IN ('REMOVED', 'KEPT') AND external_id ~ ('/' || regexp_replace($4, '[.]', '[.]', 'g') || '(\\.git)?/?$')
   ORDER BY position`;

/** For whoever takes it alone, and again in ten minutes should he not come back. */
const takeDueSql = `
  WITH due AS (
    SELECT entity.blueprint, entity.identifier, entity.mark, entity.observed #>> '{release,id}' AS release FROM entities AS entity
     WHERE entity.read_due_at <= now() ORDER BY entity.read_due_at LIMIT 1 FOR UPDATE SKIP LOCKED
  ), taken AS (
    UPDATE entities AS entity SET read_due_at = now() + interval '10 minutes' FROM due
     WHERE entity.blueprint = due.blueprint AND entity.identifier = due.identifier
  )
  SELECT resource.properties ->> 'id' AS id, coalesce(resource.properties ->> 'fullName', resource.external_id) AS full_name, due.release
    FROM due JOIN resources AS resource ON resource.blueprint = due.blueprint AND resource.entity = due.identifier
    JOIN runs AS run ON run.id = resource.run_id AND run.mark = due.mark
   WHERE resource.kind = $1 AND resource.state NOT IN ('REMOVED', 'KEPT') ORDER BY resource.position LIMIT 1`;

const makeDueSql = `
  UPDATE entities AS entity SET read_due_at = now()
   WHERE ($2 OR entity.read_due_at IS NULL) AND EXISTS (
     SELECT 1 FROM resources AS resource JOIN runs AS run ON run.id = resource.run_id AND run.mark = entity.mark
      WHERE resource.blueprint = entity.blueprint AND resource.entity = entity.identifier AND resource.kind = $1
        AND resource.state NOT IN ('PLANNED', 'REMOVED', 'KEPT'))`;
