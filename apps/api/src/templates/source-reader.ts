import type { Composition } from '@slipway/composition';
import type { SourceReader, TemplateSource } from '@slipway/portal';
import { readRepository } from '@slipway/templating';

type Configured = Composition['config']['templates'][number];

/** A configured source in portal's terms: a folder has no address, and is looked at when an api starts. */
export function toTemplateSource(source: Configured): TemplateSource {
  const refreshMs = source.refreshSeconds === undefined ? null : source.refreshSeconds * 1_000;
  const { name, path } = source;
  return 'git' in source ? { name, url: source.git, reference: source.ref, path, refreshMs } : { name, url: null, reference: null, path, refreshMs };
}

/** Folders as they are on this machine, repositories by git; tokens are resolved for each look. */
export function sourceReader({ config, secrets }: Pick<Composition, 'config' | 'secrets'>): SourceReader {
  const tokens = new Map(config.templates.flatMap((source) => ('git' in source && source.token !== undefined ? [[source.name, source.token]] : [])));
  return {
    read: async ({ name, url, reference, path }, knownCommit, use) => {
      if (url === null) return use(path, null);
      const token = tokens.get(name);
      const repository = { url, reference: reference ?? 'main', path };
      return readRepository({ ...repository, token: token && (await secrets.resolve(token)) }, knownCommit, use);
    },
  };
}
