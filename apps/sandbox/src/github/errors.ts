import { z } from 'zod';

export interface FieldError {
  resource: string;
  code: string;
  field?: string;
  message?: string;
  /** The one that is wrong. */
  value?: unknown;
}

/** An answer of GitHub's that is no success. */
export class GitHubError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly errors?: FieldError[],
  ) {
    super(message);
    this.name = 'GitHubError';
  }
}

export function assertWritable(repository: { archived: boolean }): void {
  if (repository.archived) throw new GitHubError(403, 'Repository was archived so is read-only.');
}

/** @throws GitHubError 422 naming the first field of the wrong type. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = (issue?.path ?? []).join('/');
  const value = JSON.stringify(valueAt(body, issue?.path ?? [])) ?? 'nil';
  const expected = issue?.code === 'invalid_type' ? `${value} is not a ${issue.expected}.` : (issue?.message ?? 'is invalid');
  throw new GitHubError(422, `Invalid request.\n\nFor 'properties/${path}', ${expected}`);
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  let value = body;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  return value;
}
