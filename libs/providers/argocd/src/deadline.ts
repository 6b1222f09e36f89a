import type { StepContext } from '@slipway/engine';
import { z } from 'zod';

/** How long a step may wait since it began, as `90s`, `10m` or `1h`. */
export const Deadline = z
  .string()
  .regex(/^[1-9]\d{0,4}[smh]$/, 'must be a number with s, m or h')
  .default('10m');

export function isOver(ctx: StepContext, deadline: string): boolean {
  return elapsedMs(ctx) > milliseconds(deadline);
}

function elapsedMs(ctx: StepContext): number {
  return ctx.clock.now().getTime() - ctx.startedAt.getTime();
}

const units: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000 };

function milliseconds(duration: string): number {
  return Number(duration.slice(0, -1)) * (units[duration.slice(-1)] ?? 0);
}
