import { type StepContext, StepError } from '@slipway/engine';

/**
 * A secret that a person typed (`${{ secrets.NAME }}`), or one of the installation's by its reference; undefined where neither is
 * given. Two inputs, since a text that somebody types must never be read as a reference.
 *
 * @throws StepError where the text was written in clear into the template or the form: then it is stored already.
 */
export async function givenSecret(
  ctx: StepContext,
  { input, typed, reference }: { input: string; typed: string | undefined; reference: string | undefined },
): Promise<string | undefined> {
  if (reference !== undefined) return ctx.secrets.resolve(reference);
  if (typed === undefined || ctx.holdsSecret(typed)) return typed;
  throw new StepError('fatal', 'github_secret_in_clear', `The input ${input} is no secret: it is written in clear into the template or its parameters.`, {
    remedy: `Ask for it in a field with "ui:field: Secret" and give \${{ secrets.NAME }}, or name a reference (provider:path#key) as ${input}From.`,
  });
}

/** For `refine`, after the name of the input. */
export function notBoth(input: string): (given: Readonly<Record<string, unknown>>) => boolean {
  return (given) => given[input] === undefined || given[`${input}From`] === undefined;
}
