import { createHash } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type LedgerResource, type Provider, type ResourceContext, type StepContext, StepError, defineStep, readNetworkFailure } from '@slipway/engine';
import { z } from 'zod';

// Node runs this file as it is, inside the workers: types that can be left out, and no imports of our own beside it.

export interface ProviderOptions {
  /** Where the outside system answers. */
  url: string;
  /** What a release ahead of the others knows already. */
  newer: boolean;
}

const kind = 'outside:thing';
const Nothing = z.object({});

/** A provider as the product's own are: it looks before it creates, marks what it creates, and adopts by the mark. */
export function providerUnderTest({ url, newer }: ProviderOptions): Provider {
  const outside = new OutsideClient(url);
  const Named = z.object({ name: z.string() });

  const create = defineStep<z.infer<typeof Named>, { id: string }>({
    id: 'outside:thing:create',
    description: 'Creates a thing.',
    input: Named,
    output: z.object({ id: z.string() }),
    workspace: 'none',
    run: (ctx, { name }) => createThing(outside, ctx, name),
  });

  const hang = defineStep<z.infer<typeof Named>, { id: string }>({
    id: 'outside:thing:create-slowly',
    description: 'Creates a thing, and before and after it blocks the event loop for as long as the outside system says.',
    input: Named,
    output: z.object({ id: z.string() }),
    workspace: 'none',
    run: (ctx, { name }) =>
      createThing(outside, ctx, name, async (place) => {
        const { forMs } = z.object({ forMs: z.number() }).parse(await outside.call(ctx, 'POST', `/hang/${place}`));
        const until = performance.now() + forMs;
        while (performance.now() < until);
      }),
  });

  const ready = defineStep<Record<string, never>, Record<string, never>>({
    id: 'outside:ready',
    description: 'Asks until the outside system is ready for this run.',
    input: Nothing,
    output: Nothing,
    workspace: 'none',
    async run(ctx) {
      const { isReady } = z.object({ isReady: z.boolean() }).parse(await outside.call(ctx, 'POST', '/ready'));
      return isReady ? { output: {} } : { wait: { afterMs: 300, reason: 'the outside system is not ready' } };
    },
  });

  const fail = defineStep<Record<string, never>, Record<string, never>>({
    id: 'outside:fail',
    description: 'Fails for good.',
    input: Nothing,
    output: Nothing,
    workspace: 'none',
    run: () => Promise.reject(new StepError('fatal', 'outside_refused', 'The outside system said no.', { remedy: 'Nothing: this is a test.' })),
  });

  const note = defineStep<{ line: string }, Record<string, never>>({
    id: 'outside:note',
    description: 'Adds a line to a file of the workspace: done twice, it is there twice.',
    input: z.object({ line: z.string() }),
    output: Nothing,
    workspace: 'write',
    async run(ctx, { line }) {
      await appendFile(path.join(ctx.files.workspace, 'notes.txt'), `${line} of ${ctx.runId}\n`);
      return { output: {} };
    },
  });

  const report = defineStep<Record<string, never>, { digest: string }>({
    id: 'outside:report',
    description: 'Tells the outside system what the file of the workspace holds.',
    input: Nothing,
    output: z.object({ digest: z.string() }),
    workspace: 'read',
    async run(ctx) {
      const text = await readFile(path.join(ctx.files.workspace, 'notes.txt'));
      const digest = createHash('sha256').update(text).digest('hex');
      await outside.call(ctx, 'POST', '/reports', { digest });
      return { output: { digest } };
    },
  });

  return {
    name: 'outside',
    steps: [create, hang, ready, fail, note, report, ...(newer ? [{ ...create, id: 'outside:newer:create' }] : [])],
    kinds: [
      {
        kind,
        async observe(ctx, resource) {
          const thing = await look(outside, ctx, resource.externalId);
          return thing ? { exists: true, owned: thing.mark === ctx.mark } : { exists: false };
        },
        async remove(ctx, resource) {
          const thing = await look(outside, ctx, resource.externalId);
          if (!thing) return { outcome: 'absent' };
          if (thing.mark !== ctx.mark) return { outcome: 'foreign', note: 'It carries another mark.' };
          await outside.call(ctx, 'DELETE', thingPath(resource.externalId));
          return { outcome: 'removed' };
        },
      },
    ],
  };
}

async function createThing(
  outside: OutsideClient,
  ctx: StepContext,
  name: string,
  pause: (place: 'before' | 'after') => Promise<void> = () => Promise.resolve(),
): Promise<{ output: { id: string } }> {
  const id = `${ctx.entity.identifier}.${name}`;
  await ctx.resources.plan({ kind, externalId: id, title: `Thing ${id}` });
  const there = await look(outside, ctx, id);
  if (there && there.mark !== ctx.mark) throw new StepError('fatal', 'outside_thing_foreign', `There is a thing ${id} that is not ours.`);
  await pause('before');
  if (!there) await outside.call(ctx, 'POST', thingPath(id), { mark: ctx.mark, key: `${ctx.mark} ${id}` });
  await pause('after');
  ctx.log.info(`${there ? 'Adopted' : 'Created'} ${id}.`);
  await ctx.resources.created({ kind, externalId: id, url: `https://outside.example/${id}` });
  return { output: { id } };
}

async function look(outside: OutsideClient, ctx: StepContext | ResourceContext, id: LedgerResource['externalId']): Promise<{ mark: string } | null> {
  return z.object({ thing: z.object({ mark: z.string() }).nullable() }).parse(await outside.call(ctx, 'GET', thingPath(id))).thing;
}

function thingPath(id: string): string {
  return `/things/${encodeURIComponent(id)}`;
}

class OutsideClient {
  private readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async call(ctx: StepContext | ResourceContext, method: string, place: string, body: Record<string, unknown> = {}): Promise<unknown> {
    const step = 'runId' in ctx ? { runId: ctx.runId, stepId: ctx.stepId } : {};
    const response = await fetch(`${this.url}${place}`, {
      method,
      signal: ctx.signal,
      headers: { 'x-from': JSON.stringify({ pid: process.pid, ...step }) },
      ...(method === 'POST' ? { body: JSON.stringify(body) } : {}),
    }).catch((cause: unknown) => {
      if (ctx.signal.aborted) throw ctx.signal.reason;
      throw new StepError('lost', 'outside_unanswered', `${method} ${place}: ${readNetworkFailure(cause).why}.`, { cause });
    });
    if (response.status === 409) throw new StepError('lost', 'outside_taken', `${place} came to be in the meantime.`);
    if (!response.ok) throw new StepError('retry', 'outside_failed', `${method} ${place} answered ${response.status}.`);
    return response.json();
  }
}
