import type { LatestVersion, NewVersion, OfferOutcome, TemplateSource, TemplateSourceStore } from '@slipway/portal';
import type { TemplateSourceView } from '@slipway/contracts';
import type pg from 'pg';
import { inTransaction } from './in-transaction.js';
import { offerTemplateVersion } from './template-offer.js';
import { type SourceViewRow, selectSources, toSourceView } from './template-source-view.js';

const mostVersions = 50;

export class PostgresTemplateSourceStore implements TemplateSourceStore {
  constructor(private readonly pool: pg.Pool) {}

  configure(sources: readonly TemplateSource[]): Promise<void> {
    return inTransaction(this.pool, async (connection) => {
      await connection.query('LOCK TABLE template_sources IN SHARE ROW EXCLUSIVE MODE');
      const names = sources.map(({ name }) => name);
      await connection.query('DELETE FROM actions WHERE source IS NOT NULL AND NOT source = ANY ($1)', [names]);
      await connection.query('DELETE FROM template_sources WHERE NOT name = ANY ($1)', [names]);
      for (const source of sources) await connection.query(configureSql, [source.name, source.url, source.reference, source.path, source.refreshMs]);
    });
  }

  async find(name: string): Promise<TemplateSource | null> {
    const found = await this.pool.query<SourceRow>('SELECT * FROM template_sources WHERE name = $1', [name]);
    return found.rows[0] ? toSource(found.rows[0]) : null;
  }

  async list(): Promise<TemplateSourceView[]> {
    const found = await this.pool.query<SourceViewRow>(selectSources);
    return found.rows.map(toSourceView);
  }

  async repositories(): Promise<(TemplateSource & { url: string })[]> {
    const found = await this.pool.query<SourceRow & { url: string }>('SELECT * FROM template_sources WHERE url IS NOT NULL');
    return found.rows.map((row) => ({ ...toSource(row), url: row.url }));
  }

  async takeDue(): Promise<TemplateSource | null> {
    const taken = await this.pool.query<SourceRow>(takeDueSql);
    return taken.rows[0] ? toSource(taken.rows[0]) : null;
  }

  async makeDue(name: string): Promise<void> {
    await this.pool.query('UPDATE template_sources SET due_at = now() WHERE name = $1', [name]);
  }

  async latest(name: string): Promise<LatestVersion | null> {
    const found = await this.pool.query<LatestVersion>(
      'SELECT id::text, digest, "commit", archive, actions IS NULL AS broken FROM template_versions WHERE source = $1 ORDER BY template_versions.id DESC LIMIT 1',
      [name],
    );
    return found.rows[0] ?? null;
  }

  async looked(name: string, failure: string | null): Promise<void> {
    const storable = failure?.replaceAll('\0', '').toWellFormed() ?? null;
    await this.pool.query('UPDATE template_sources SET looked_at = now(), failure = $2 WHERE name = $1', [name, storable]);
  }

  /** The source's row is held meanwhile: of two who saw the same, one writes it. */
  addVersion(name: string, version: NewVersion): Promise<string | null> {
    return inTransaction(this.pool, async (connection) => {
      await connection.query('SELECT 1 FROM template_sources WHERE name = $1 FOR UPDATE', [name]);
      const { digest, archive, commit, changes, findings, actions } = version;
      const json = [commit, changes, findings, actions].map((value) => (value === null ? null : JSON.stringify(value)));
      const added = await connection.query<{ id: string }>(addVersionSql, [name, digest, Buffer.from(archive), ...json]);
      await connection.query(forgetOldSql, [name, mostVersions]);
      return added.rows[0]?.id ?? null;
    });
  }

  offerLatest(name: string): Promise<OfferOutcome> {
    return inTransaction(this.pool, async (connection) => {
      const found = await connection.query<{ held: boolean }>('SELECT held FROM template_sources WHERE name = $1 FOR UPDATE', [name]);
      if (found.rows[0]?.held !== false) return { outcome: 'offered' };
      return offerTemplateVersion(connection, name, 'latest', null);
    });
  }

  choose(name: string, version: string, by: string): Promise<OfferOutcome> {
    return inTransaction(this.pool, async (connection) => {
      await connection.query('SELECT 1 FROM template_sources WHERE name = $1 FOR UPDATE', [name]);
      return offerTemplateVersion(connection, name, version, by);
    });
  }

  async takenActions(name: string, actions: readonly string[]): Promise<string[]> {
    const found = await this.pool.query<{ identifier: string }>(
      'SELECT identifier FROM actions WHERE identifier = ANY ($2) AND source IS DISTINCT FROM $1 ORDER BY identifier',
      [name, actions],
    );
    return found.rows.map(({ identifier }) => identifier);
  }

  async knownBlueprints(): Promise<string[]> {
    const found = await this.pool.query<{ identifier: string }>('SELECT identifier FROM blueprints ORDER BY identifier');
    return found.rows.map(({ identifier }) => identifier);
  }
}

interface SourceRow {
  name: string;
  url: string | null;
  reference: string | null;
  path: string;
  refresh_ms: number | null;
}

function toSource({ name, url, reference, path, refresh_ms: refreshMs }: SourceRow): TemplateSource {
  return { name, url, reference, path, refreshMs };
}

/** A repository is looked at soon after every start. A folder belongs to the machine that starts, which looks at it itself. */
const soon = 'CASE WHEN $2::text IS NOT NULL THEN now() WHEN $5::int IS NOT NULL THEN now() + $5 * interval \'1 ms\' END';
const configureSql = `
  INSERT INTO template_sources (name, url, reference, path, refresh_ms, due_at) VALUES ($1, $2, $3, $4, $5, ${soon})
  ON CONFLICT (name) DO UPDATE SET url = $2, reference = $3, path = $4, refresh_ms = $5, due_at = ${soon}`;

const takeDueSql = `
  UPDATE template_sources SET due_at = now() + refresh_ms * interval '1 ms'
   WHERE name = (SELECT name FROM template_sources WHERE due_at <= now() ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
  RETURNING *`;

const addVersionSql = `
  INSERT INTO template_versions (source, digest, archive, "commit", changes, findings, actions)
  SELECT $1, $2, $3, $4::jsonb, $5::jsonb, $6::jsonb, $7::json
   WHERE NOT EXISTS (
     SELECT 1 FROM (SELECT * FROM template_versions WHERE source = $1 ORDER BY id DESC LIMIT 1) AS latest
      WHERE latest.digest = $2 AND (latest.actions IS NULL) = ($7::json IS NULL) AND latest."commit"->>'sha' IS NOT DISTINCT FROM $4::jsonb->>'sha')
  RETURNING id::text`;

const forgetOldSql = `
  DELETE FROM template_versions WHERE source = $1
     AND id NOT IN (SELECT id FROM template_versions WHERE source = $1 ORDER BY id DESC LIMIT $2)
     AND id IS DISTINCT FROM (SELECT offered_id FROM template_sources WHERE name = $1)`;
