import { z } from 'zod';
import { Failure, RunStatus, StepStatus } from './run.js';
import { ResourceView } from './resource.js';

/**
 * A run's history. `seq` numbers all events of a run from 1 without gap; commit order is number order. `line` numbers
 * the log lines alone, from 1. `at` is the database's time.
 */
const common = { seq: z.number().int(), at: z.iso.datetime() };

export const LogLevel = z.enum(['debug', 'info', 'warn', 'error']);
export type LogLevel = z.infer<typeof LogLevel>;

export const LogEvent = z.object({
  ...common,
  type: z.literal('log'),
  line: z.number().int(),
  stepId: z.string().nullable(),
  level: LogLevel,
  message: z.string(),
});
export type LogEvent = z.infer<typeof LogEvent>;

export const StepEvent = z.object({
  ...common,
  type: z.literal('step'),
  stepId: z.string(),
  name: z.string(),
  status: StepStatus,
  attempt: z.number().int(),
  waitingFor: z.string().nullable(),
  failure: Failure.nullable(),
});

export const RunStatusEvent = z.object({
  ...common,
  type: z.literal('run'),
  status: RunStatus,
  failure: Failure.nullable(),
});

export const ResourceEvent = z.object({
  ...common,
  type: z.literal('resource'),
  resource: ResourceView.pick({ kind: true, externalId: true, stepId: true, state: true, title: true, url: true, properties: true }),
});

export const RunEvent = z.discriminatedUnion('type', [LogEvent, StepEvent, RunStatusEvent, ResourceEvent]);
export type RunEvent = z.infer<typeof RunEvent>;
