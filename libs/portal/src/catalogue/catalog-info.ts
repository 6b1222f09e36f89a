import { StepError } from '@slipway/engine';
import { type Document, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import type { CataloguedEntity } from './catalogue.js';

/** A name as Backstage allows it; references are told in lower case. */
const Name = z
  .string()
  .max(63)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/, 'must hold only letters, digits, dots, dashes and underscores, and begin and end with a letter or digit')
  .transform((name) => name.toLowerCase());

const Description = z.object({
  kind: z.string().min(1),
  metadata: z.looseObject({
    name: Name,
    namespace: z.string().default('default'),
    title: z.string().optional(),
  }),
  spec: z.record(z.string(), z.unknown()).default({}),
});

/** Backstage's kinds of things; people, places to read from and templates are not for a run to say. */
const kinds = ['Component', 'API', 'Resource', 'System', 'Domain'];
/** Of `metadata`, what is shown and handed out again; the rest of it is Backstage's own. */
const kept = ['description', 'tags', 'labels', 'annotations', 'links'] as const;

const mostDocuments = 100;

export interface DescribedEntity {
  kind: string;
  entity: CataloguedEntity;
}

/** The entities that a `catalog-info.yaml` describes, and the kinds that were passed over. Throws `StepError` naming the document. */
export function parseCatalogInfo(text: string, file: string): { entities: DescribedEntity[]; passedOver: string[] } {
  const documents = documentsOf(text, file);
  const entities: DescribedEntity[] = [];
  const passedOver: string[] = [];
  for (const [index, document] of documents.entries()) {
    const parsed = Description.safeParse(document);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw refused(file, `document ${index + 1}, ${issue?.path.join('.') || 'top'}: ${issue?.message ?? 'is not valid'}`);
    }
    const { kind, metadata, spec } = parsed.data;
    if (!kinds.includes(kind)) passedOver.push(`${kind} ${metadata.name}`);
    else if (metadata.namespace !== 'default') throw refused(file, `${kind} ${metadata.name}: the catalogue knows the namespace "default" alone`);
    else entities.push({ kind, entity: entityOf(kind, metadata, spec) });
  }
  return { entities, passedOver };
}

/** The same entity as Backstage's templates expect to be handed it. */
export function toBackstageEntity({ blueprint, identifier, title, properties }: Pick<CataloguedEntity, 'blueprint' | 'identifier' | 'title' | 'properties'>): Record<string, unknown> {
  const about = Object.fromEntries(kept.flatMap((name) => (properties[name] === undefined ? [] : [[name, properties[name]]])));
  const spec = Object.fromEntries(Object.entries(properties).filter(([name]) => !(kept as readonly string[]).includes(name)));
  const kind = kinds.find((known) => known.toLowerCase() === blueprint) ?? blueprint;
  return { apiVersion: 'backstage.io/v1alpha1', kind, metadata: { namespace: 'default', name: identifier, title, ...about }, spec };
}

function documentsOf(text: string, file: string): unknown[] {
  const documents = parseAllDocuments(text);
  if (documents.length > mostDocuments) throw refused(file, `it holds more than ${mostDocuments} documents`);
  return (Array.isArray(documents) ? documents : []).flatMap((document: Document) => {
    const [fault] = document.errors;
    if (fault) throw refused(file, fault.message);
    try {
      const value: unknown = document.toJS({ maxAliasCount: 50 });
      return value === null ? [] : [value];
    } catch (error) {
      throw refused(file, error instanceof Error ? error.message : String(error));
    }
  });
}

function entityOf(kind: string, metadata: z.infer<typeof Description>['metadata'], spec: Record<string, unknown>): CataloguedEntity {
  const about = Object.fromEntries(kept.flatMap((name) => (metadata[name] === undefined ? [] : [[name, metadata[name]]])));
  return {
    blueprint: kind.toLowerCase(),
    identifier: metadata.name,
    title: metadata.title ?? metadata.name,
    properties: { ...spec, ...about },
    relations: {},
    blueprintTitle: kind,
  };
}

function refused(file: string, why: string): StepError {
  return new StepError('fatal', 'catalog_info_refused', `${file} cannot be registered: ${why}.`, {
    remedy: 'Mend the file in the skeleton, or the value that was rendered into it.',
  });
}
