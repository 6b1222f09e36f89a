import type { RepositoryFacts, RepositoryState } from '@slipway/contracts';
import { type DueRepository, factsAsProperties, type Observed, type ObservedRepositories, type RepositoryKey } from '@slipway/portal';
import type pg from 'pg';
import { inTransaction } from './in-transaction.js';

/** Facts lie with the entity that holds the repository; what people see of them, among its properties and its links. */
export class PostgresObservedRepositories implements ObservedRepositories {
  constructor(private readonly pool: pg.Pool) {}

  observe(repository: RepositoryKey, change: (known: RepositoryFacts) => Observed): Promise<boolean> {
    return inTransaction(this.pool, async (connection) => {
      const values = [repository.kind, String(repository.id), repository.fullName];
      const { rows } = await connection.query<HolderRow>({ name: 'holders-of-repository', text: holdersSql, values });
      for (const holder of rows) await keep(connection, holder, change(holder.observed));
      return rows.length > 0;
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
  blueprint: string;
  identifier: string;
  observed: RepositoryFacts;
  run_id: string;
  kind: string;
  external_id: string;
}

async function keep(connection: pg.PoolClient, holder: HolderRow, { facts, changed, askAfterMs }: Observed): Promise<void> {
  const { blueprint, identifier } = holder;
  if (changed) {
    const notice = await tellOfNewName(connection, holder, facts);
    const properties = Object.entries({ ...factsAsProperties(facts), ...notice });
    const known = properties.filter(([, value]) => value !== null);
    const unknown = properties.filter(([, value]) => value === null).map(([name]) => name);
    const values = [blueprint, identifier, JSON.stringify(facts), JSON.stringify(Object.fromEntries(known)), unknown];
    await connection.query({ name: 'keep-observed', text: keepSql, values });
  }
  if (askAfterMs !== null) await connection.query(askSql, [blueprint, identifier, askAfterMs]);
}

/** The ledger's row keeps the name it was made under, by which its run knows it; what people see of it is the new one. */
async function tellOfNewName(connection: pg.PoolClient, holder: HolderRow, { state }: RepositoryFacts): Promise<Record<string, unknown>> {
  if (!state) return {};
  const { blueprint, identifier, run_id: runId, kind, external_id: firstName, observed } = holder;
  const hasItsFirstName = ({ fullName }: RepositoryState): boolean => fullName.toLowerCase() === firstName.toLowerCase();
  const url = state.condition === 'deleted' ? null : state.url;
  await connection.query({ name: 'show-repository', text: showSql, values: [runId, kind, firstName, url, state.fullName] });
  if (hasItsFirstName(state) && (!observed.state || hasItsFirstName(observed.state))) return { repository_notice: null };
  const name = state.fullName.split('/')[1] ?? state.fullName;
  await connection.query(claimSql, [blueprint, identifier, name]);
  if (hasItsFirstName(state)) return { repository: name, repository_notice: null };
  const naming = await connection.query<{ title: string }>(stillNamesSql, [blueprint, identifier, kind, firstName]);
  return { repository: name, repository_notice: noticeOf(firstName, state, naming.rows.map(({ title }) => title)) };
}

function noticeOf(firstName: string, { fullName, url }: RepositoryState, titles: readonly string[]): string {
  const was = `Was ${firstName}, and is ${fullName} now.`;
  if (titles.length === 0) return was;
  return `${was} Still at the old address, and to be pointed to ${url}: ${titles.join(', ')}.`;
}

/**
 * By its id, which outlives its name, or, while its run has not told the id, by its name. Whoever comes at the same time waits
 * here.
 */
const holdersSql = `
  SELECT entity.blueprint, entity.identifier, entity.observed, resource.run_id, resource.kind, resource.external_id
    FROM resources AS resource
    JOIN runs AS run ON run.id = resource.run_id
    JOIN entities AS entity ON entity.blueprint = resource.blueprint AND entity.identifier = resource.entity AND entity.mark = run.mark
   WHERE resource.kind = $1 AND resource.state NOT IN ('REMOVED', 'KEPT')
     AND (resource.properties ->> 'id' = $2 OR (resource.external_id = $3 AND resource.properties ->> 'id' IS NULL))
     FOR UPDATE OF entity`;

const keepSql = `
  UPDATE entities SET observed = $3::jsonb, properties = (properties || $4::jsonb) - $5::text[], updated_at = now()
   WHERE blueprint = $1 AND identifier = $2`;

const askSql = `
  UPDATE entities SET read_due_at = now() + $3 * interval '1 millisecond' WHERE blueprint = $1 AND identifier = $2`;

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
