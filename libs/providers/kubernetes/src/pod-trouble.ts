import { z } from 'zod';

const Container = z.object({
  name: z.string(),
  ready: z.boolean().optional(),
  restartCount: z.number().optional(),
  state: z.object({ waiting: z.object({ reason: z.string().optional(), message: z.string().optional() }).optional() }).optional(),
  lastState: z.object({ terminated: z.object({ exitCode: z.number(), reason: z.string().optional() }).optional() }).optional(),
});

export const Pod = z.object({
  metadata: z.object({ name: z.string() }),
  status: z
    .object({
      conditions: z.array(z.object({ type: z.string(), status: z.string(), message: z.string().optional() })).optional(),
      initContainerStatuses: z.array(Container).optional(),
      containerStatuses: z.array(Container).optional(),
    })
    .optional(),
});
export type Pod = z.infer<typeof Pod>;

/** What every container goes through on its way up; no trouble yet. */
const ON_ITS_WAY = ['ContainerCreating', 'PodInitializing'];

/** Why the first pod that is in trouble does not start, in words; null where none is. */
export function podTrouble(pods: readonly Pod[]): string | null {
  for (const { metadata, status } of pods) {
    const unscheduled = status?.conditions?.find(
      (condition) => condition.type === 'PodScheduled' && condition.status === 'False',
    );
    if (unscheduled) return `pod ${metadata.name} has no node: ${unscheduled.message ?? 'it was not scheduled'}`;
    for (const container of [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]) {
      const trouble = containerTrouble(container);
      if (trouble) return `container ${container.name} of pod ${metadata.name} ${trouble}`;
    }
  }
  return null;
}

function containerTrouble({ state, lastState, ready, restartCount = 0 }: z.infer<typeof Container>): string | null {
  const waiting = state?.waiting;
  const ended = lastState?.terminated;
  const last = ended ? `, last exit code ${ended.exitCode}${ended.reason ? ` (${ended.reason})` : ''}` : '';
  if (waiting?.reason && !ON_ITS_WAY.includes(waiting.reason)) {
    return `waits: ${waiting.reason}${waiting.message ? ` (${waiting.message})` : ''}${last}`;
  }
  return !ready && restartCount > 0 ? `was restarted ${restartCount} times${last}` : null;
}
