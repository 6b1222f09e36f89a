import * as z from 'zod/mini';
import { announceSignedOut } from './call.js';
import { Failure, RunStatus, StepStatus } from './runs.js';

const common = { seq: z.number(), at: z.string() };

const LogLevel = z.enum(['debug', 'info', 'warn', 'error']);

const LogEvent = z.object({
  ...common,
  type: z.literal('log'),
  line: z.number(),
  stepId: z.nullable(z.string()),
  level: LogLevel,
  message: z.string(),
});
export type LogEvent = z.infer<typeof LogEvent>;

const StepEvent = z.object({
  ...common,
  type: z.literal('step'),
  stepId: z.string(),
  name: z.string(),
  status: StepStatus,
  attempt: z.number(),
  waitingFor: z.nullable(z.string()),
  failure: z.nullable(Failure),
});
export type StepEvent = z.infer<typeof StepEvent>;

const RunStatusEvent = z.object({ ...common, type: z.literal('run'), status: RunStatus, failure: z.nullable(Failure) });

export const ResourceState = z.enum(['PLANNED', 'CREATED', 'REMOVED', 'KEPT', 'REMOVE_FAILED']);
export type ResourceState = z.infer<typeof ResourceState>;

const Resource = z.object({
  kind: z.string(),
  externalId: z.string(),
  state: ResourceState,
  title: z.string(),
  url: z.nullable(z.string()),
});
export type Resource = z.infer<typeof Resource>;

const ResourceEvent = z.object({ ...common, type: z.literal('resource'), resource: Resource });

const RunEvent = z.discriminatedUnion('type', [LogEvent, StepEvent, RunStatusEvent, ResourceEvent]);
export type RunEvent = z.infer<typeof RunEvent>;

interface RunFollower {
  onEvent(event: RunEvent): void;
  onOpen(): void;
  /** The server ended the stream or the connection broke: it comes back by itself, unless this answers `stop`. */
  onInterrupted(): 'stop' | 'resume';
  /** Refused for good. */
  onRefused(): void;
}

/** Follows a run from after that `seq` on. EventSource resumes by Last-Event-ID. Answers with the way to stop. */
export function followRun(runId: string, after: number, follower: RunFollower): () => void {
  const source = new EventSource(`/v1/actions/runs/${encodeURIComponent(runId)}/events?after=${after}`);
  const receive = ({ data }: MessageEvent<string>): void => {
    const event = z.safeParse(RunEvent, JSON.parse(data));
    if (event.success) follower.onEvent(event.data);
    else console.error('An event of a kind that this page does not know', event.error);
  };
  for (const type of ['log', 'step', 'run', 'resource']) source.addEventListener(type, receive);
  source.onopen = () => follower.onOpen();
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) {
      // An EventSource does not tell why; the next call of the page will, if the session has ended.
      void fetch('/v1/me').then(({ status }) => status === 401 && announceSignedOut());
      follower.onRefused();
    } else if (follower.onInterrupted() === 'stop') {
      source.close();
    }
  };
  return () => source.close();
}
