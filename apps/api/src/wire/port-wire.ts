/**
 * The one file that knows Port's words. Slipway's views go in, the shapes that Port's clients read come out; what
 * they do not know (steps, failure, links, pages, who goes first) rides along under our own names.
 */
import {
  type ActionView,
  EntityLink,
  type EntityView,
  Failure,
  type LogEvent,
  LogLevel,
  Operation,
  RunOutput,
  type RunStatus,
  RunView,
  StepView,
} from '@slipway/contracts';
import { z } from 'zod';

const PortRunStatus = z.enum(['IN_PROGRESS', 'SUCCESS', 'FAILURE', 'WAITING_FOR_APPROVAL', 'DECLINED']);
type PortRunStatus = z.infer<typeof PortRunStatus>;

const portStatus: Readonly<Record<RunStatus, PortRunStatus>> = {
  QUEUED: 'IN_PROGRESS',
  RUNNING: 'IN_PROGRESS',
  WAITING: 'IN_PROGRESS',
  UNDOING: 'IN_PROGRESS',
  SUCCEEDED: 'SUCCESS',
  FAILED: 'FAILURE',
  CANCELLED: 'FAILURE',
  WAITING_FOR_APPROVAL: 'WAITING_FOR_APPROVAL',
  DECLINED: 'DECLINED',
};

const anyProperties = z.record(z.string(), z.unknown());

export const PortRun = z.object({
  id: z.string(),
  status: PortRunStatus,
  /** Our own status. */
  statusLabel: z.string(),
  /** As in our own view: the runs that go first. */
  behind: RunView.shape.behind,
  action: z.object({ identifier: z.string() }),
  operation: Operation,
  blueprint: z.string(),
  entity: z.string(),
  properties: anyProperties,
  summary: z.string().optional(),
  failure: Failure.nullable(),
  steps: z.array(StepView),
  createdBy: z.string(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
});
export type PortRun = z.infer<typeof PortRun>;

export function toPortRun(run: RunView): PortRun {
  return {
    id: run.id,
    status: portStatus[run.status],
    statusLabel: run.status,
    behind: run.behind,
    action: { identifier: run.action },
    operation: run.operation,
    blueprint: run.entity.blueprint,
    entity: run.entity.identifier,
    properties: run.inputs,
    ...(run.failure ? { summary: run.failure.message } : {}),
    failure: run.failure,
    steps: run.steps,
    createdBy: run.requestedBy,
    createdAt: run.createdAt,
    updatedAt: run.updatedAt,
    endedAt: run.endedAt,
  };
}

/** `link` is Port's name for addresses; titles and texts ride along. */
export const PortRunWithOutput = PortRun.extend({ link: z.array(z.string()), output: RunOutput });
type PortRunWithOutput = z.infer<typeof PortRunWithOutput>;

export function toPortRunWithOutput(run: RunView, output: RunOutput): PortRunWithOutput {
  return { ...toPortRun(run), link: output.links.flatMap(({ url }) => url ?? []), output };
}

export const PortRunLog = z.object({
  id: z.string(),
  runId: z.string(),
  message: z.string(),
  level: LogLevel,
  line: z.number().int(),
  stepId: z.string().nullable(),
  createdAt: z.iso.datetime(),
});
export type PortRunLog = z.infer<typeof PortRunLog>;

export function toPortRunLog(runId: string, line: LogEvent): PortRunLog {
  return {
    id: `${runId}:${line.line}`,
    runId,
    message: line.message,
    level: line.level,
    line: line.line,
    stepId: line.stepId,
    createdAt: line.at,
  };
}

export const PortEntity = z.object({
  identifier: z.string(),
  title: z.string(),
  blueprint: z.string(),
  team: z.array(z.string()),
  properties: anyProperties,
  relations: anyProperties,
  status: z.string(),
  links: z.array(EntityLink),
  createdBy: z.string(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type PortEntity = z.infer<typeof PortEntity>;

export function toPortEntity(entity: EntityView): PortEntity {
  return {
    identifier: entity.identifier,
    title: entity.title,
    blueprint: entity.blueprint,
    team: entity.team === null ? [] : [entity.team],
    properties: entity.properties,
    relations: entity.relations,
    status: entity.status,
    links: entity.links,
    createdBy: entity.createdBy,
    createdAt: entity.createdAt,
    updatedAt: entity.updatedAt,
  };
}

export const PortAction = z.object({
  identifier: z.string(),
  title: z.string(),
  description: z.string(),
  trigger: z.object({
    type: z.literal('self-service'),
    operation: Operation,
    blueprintIdentifier: z.string(),
    userInputs: z.object({
      properties: anyProperties,
      required: z.array(z.string()),
      steps: z.array(z.object({ title: z.string(), order: z.array(z.string()) })),
    }),
  }),
  invocationMethod: z.object({ type: z.literal('TEMPLATE'), digest: z.string() }),
  publish: z.boolean(),
  /** The form as its author wrote it, one JSON Schema a page. */
  pages: z.array(anyProperties),
});
export type PortAction = z.infer<typeof PortAction>;

export function toPortAction(action: ActionView): PortAction {
  const pages = action.pages.map(readPage);
  return {
    identifier: action.identifier,
    title: action.title,
    description: action.description,
    trigger: {
      type: 'self-service',
      operation: action.operation,
      blueprintIdentifier: action.blueprint,
      userInputs: {
        properties: Object.fromEntries(pages.flatMap((page) => Object.entries(page.properties))),
        required: pages.flatMap((page) => page.required),
        steps: pages.map((page) => ({ title: page.title, order: Object.keys(page.properties) })),
      },
    },
    invocationMethod: { type: 'TEMPLATE', digest: action.templateDigest },
    publish: true,
    pages: action.pages,
  };
}

/** Authors write pages freely; whatever is not a form's is left out of Port's shape and stays in `pages`. */
const Page = z.object({
  title: z.string().catch(''),
  properties: anyProperties.catch({}),
  required: z.array(z.string()).catch([]),
});

function readPage(page: unknown): z.infer<typeof Page> {
  return Page.parse(page);
}

/** `active` as Port's clients ask for it: whatever has not ended. */
export const activeStatuses: RunStatus[] = (Object.keys(portStatus) as RunStatus[]).filter((status) =>
  ['IN_PROGRESS', 'WAITING_FOR_APPROVAL'].includes(portStatus[status]),
);
