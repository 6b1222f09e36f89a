import type { Operation } from '@slipway/contracts';
import type { InstalledConfiguration } from './configuration-store.js';

/** One action's template as loaded from its folder. */
export interface GoldenPath {
  document: {
    metadata: { name: string; title?: string | undefined; description?: string | undefined };
    spec: { operation: Operation; blueprint: string };
  };
  /** Of the archive's content. */
  digest: string;
  archive: Buffer;
}

export function installedAction(path: GoldenPath): InstalledConfiguration['actions'][number] {
  const { metadata, spec } = path.document;
  return {
    identifier: metadata.name,
    title: metadata.title ?? metadata.name,
    description: metadata.description ?? '',
    operation: spec.operation,
    blueprint: spec.blueprint,
    template: path.document,
    templateDigest: path.digest,
    archive: path.archive,
  };
}
