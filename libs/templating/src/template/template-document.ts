import { Identifier, Operation } from '@slipway/contracts';
import { parseDuration } from '@slipway/engine';
import { z } from 'zod';
import { defaultIdentifier } from './default-identifier.js';

/**
 * `template.yaml`: Backstage's `scaffolder.backstage.io/v1beta3`, and our keys beside it. Ours are, under `spec`:
 * `operation`, `blueprint`, `identifier` (the entity's name as an expression over the parameters), `entity`, `onFailure`,
 * `deadline`; on a step: `needs`, `timeout` (one attempt), `retry`, `onFailure`. Durations as `90s`, `30m`, `PT1H`.
 */
const Duration = z.string().refine((text) => parseDuration(text) !== null, 'must be a duration such as 90s, 30m or PT1H');

/** Backstage takes any text; steps['a b'] reads the output of one with a space. */
const StepId = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_. :/-]*$/, 'must start with a letter or digit and hold only letters, digits, spaces and _ - . : /')
  .max(100)
  .refine((id) => !['__proto__', 'constructor', 'prototype'].includes(id), 'is a reserved name');

const StepShape = {
  id: StepId.optional(),
  name: z.string().optional(),
  action: z.string().min(1),
  input: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((input) => input ?? {}),
  if: z.union([z.boolean(), z.string()]).optional(),
  each: z.unknown().optional(),
  needs: z.array(z.string()).optional(),
  timeout: Duration.optional(),
  retry: z.object({ attempts: z.int().min(1).max(100).optional(), within: Duration.optional() }).optional(),
  onFailure: z.literal('keep', { error: 'must be "keep", or left out' }).optional(),
  'backstage:featureFlag': z.string().optional(),
  'backstage:permissions': z.unknown().optional(),
};
const Step = z.object(StepShape);
export const stepKeys = Object.keys(StepShape);
export const retryKeys = ['attempts', 'within'];

const Page = z.record(z.string(), z.unknown());

const SpecShape = {
  type: z.string().default('service'),
  owner: z.string().optional(),
  lifecycle: z.string().optional(),
  operation: Operation.optional(),
  blueprint: Identifier.optional(),
  identifier: z.string().optional(),
  /** What the entity shows from the start. */
  entity: z.object({ title: z.string().optional(), properties: z.record(z.string(), z.unknown()).optional() }).optional(),
  parameters: z.union([z.array(Page), Page.transform((page) => [page])]).default([]),
  steps: z.array(Step).min(1, 'must hold at least one step').max(200),
  onFailure: z.enum(['undo', 'keep']).optional(),
  deadline: Duration.optional(),
  output: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((output) => output ?? {}),
  secrets: z.looseObject({ schema: z.looseObject({ properties: z.record(z.string(), z.unknown()).optional() }).optional() }).optional(),
};
/** What Backstage knows and we let pass unread. */
const backstageSpecKeys = ['presentation', 'formDecorators', 'EXPERIMENTAL_recovery', 'EXPERIMENTAL_formDecorators'];
export const specKeys = [...Object.keys(SpecShape), ...backstageSpecKeys];

/** As Backstage names entities, and as our own identifiers are. */
const TemplateName = z.union([Identifier, z.string().max(100).regex(/^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/)], {
  error: 'must begin with a letter or digit and hold only letters, digits, dashes, dots and underscores',
});

const Template = z.object({
  apiVersion: z.literal('scaffolder.backstage.io/v1beta3', { error: 'must be scaffolder.backstage.io/v1beta3' }),
  kind: z.literal('Template', { error: 'must be Template' }),
  metadata: z.looseObject({
    name: TemplateName,
    title: z.string().optional(),
    description: z.string().optional(),
    tags: z.array(z.string()).optional(),
  }),
  spec: z.object(SpecShape),
});

export const TemplateDocument = Template.transform(({ spec, ...rest }) => ({
  ...rest,
  /** Whether it uses a key of ours: what was written for Backstage is rendered as Backstage does. */
  dialect: usesOwnKeys(spec) ? ('slipway' as const) : ('backstage' as const),
  spec: {
    ...spec,
    operation: spec.operation ?? ('CREATE' as const),
    blueprint: spec.blueprint ?? 'service',
    identifier: spec.identifier ?? defaultIdentifier(rest.metadata.name, spec.parameters),
    steps: spec.steps.map(withId),
  },
}));
export type TemplateDocument = z.infer<typeof TemplateDocument>;
export type TemplateStep = TemplateDocument['spec']['steps'][number];

function usesOwnKeys({ operation, blueprint, identifier, entity, onFailure, deadline, steps }: z.infer<typeof Template>['spec']): boolean {
  const ofSteps = steps.flatMap((step) => [step.needs, step.timeout, step.retry, step.onFailure]);
  return [operation, blueprint, identifier, entity, onFailure, deadline, ...ofSteps].some((value) => value !== undefined);
}

/** As Backstage numbers them: from 1. */
function withId<S extends { id?: string | undefined }>(step: S, index: number): Omit<S, 'id'> & { id: string } {
  return { ...step, id: step.id ?? `step-${index + 1}` };
}
