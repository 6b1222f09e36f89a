/**
 * The owner's mark on a repository stands at the end of its description: the one field that exists in every organisation
 * and can be set in the very call that creates the repository. A custom property would be neater, but an organisation
 * must define it first, and not every plan or server has them. Topics need a second call.
 */

/** GitHub refuses longer descriptions. */
const maxDescription = 350;

export function describeWithMark(description: string | undefined, mark: string): string {
  const suffix = `[slipway:${mark}]`;
  // GitHub refuses control characters in a description.
  const text = (description ?? '').replace(/\p{Cc}+/gu, ' ').trim();
  return `${text.slice(0, maxDescription - suffix.length - 1)} ${suffix}`.trim();
}

/** By its mark, or by the number that we recorded when we made it: people rewrite descriptions, and GitHub gives no number twice. */
export function isOurs({ id, description }: { id: number; description: string | null }, mark: string, recorded: unknown): boolean {
  return carriesMark(description, mark) || id === recorded;
}

export function carriesMark(description: string | null, mark: string): boolean {
  return description?.endsWith(`[slipway:${mark}]`) ?? false;
}
