import type { TemplateSourceView, TemplateVersionView } from '@slipway/contracts';

export interface SourceViewRow {
  name: string;
  url: string | null;
  reference: string | null;
  path: string;
  looked_at: Date | null;
  failure: string | null;
  offered_by: string | null;
  offered_at: Date | null;
  held: boolean;
  versions: (Omit<TemplateVersionView, 'loadedAt'> & { loadedAt: string })[] | null;
}

export function toSourceView(row: SourceViewRow): TemplateSourceView {
  const { name, url, reference, path, failure, held, offered_by: offeredBy } = row;
  return {
    ...{ name, url, reference, path, failure, held, offeredBy },
    lookedAt: row.looked_at?.toISOString() ?? null,
    offeredAt: row.offered_at?.toISOString() ?? null,
    versions: (row.versions ?? []).map((version) => ({ ...version, loadedAt: new Date(version.loadedAt).toISOString() })),
  };
}

export const selectSources = `
  SELECT source.*, (
    SELECT json_agg(json_build_object(
             'id', version.id::text, 'digest', version.digest, 'commit', version."commit", 'changes', version.changes,
             'findings', version.findings, 'loadedAt', version.loaded_at, 'offered', version.id IS NOT DISTINCT FROM source.offered_id,
             'actions', (SELECT json_agg(action->>'identifier') FROM json_array_elements(version.actions) AS action)
           ) ORDER BY version.id DESC)
      FROM template_versions AS version WHERE version.source = source.name
  ) AS versions
  FROM template_sources AS source ORDER BY source.name`;
