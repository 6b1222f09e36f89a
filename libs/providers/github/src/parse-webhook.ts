import type { Check, Image, Release, RepositoryFacts, RepositoryState } from '@slipway/contracts';
import { z } from 'zod';

/** What we take from GitHub's webhooks. Names can change; `repository.id` does not. */
export type WebhookEvent =
  | {
      event: 'told';
      repository: WebhookRepository;
      /** Of a push to a branch. */
      branch: string | null;
      seen: RepositoryFacts;
      /** The id of a release that is no longer there. */
      goneRelease?: string;
    }
  /** About no repository. */
  | { event: 'other' };

export interface WebhookRepository {
  id: number;
  fullName: string;
}

/** ISO 8601, or, in a push, seconds since 1970. */
const Time = z.union([z.iso.datetime({ offset: true }), z.number()]).transform((time) => new Date(typeof time === 'number' ? time * 1_000 : time).toISOString());

const Repository = z.object({
  id: z.number().int(),
  full_name: z.string(),
  html_url: z.string(),
  default_branch: z.string(),
  archived: z.boolean().default(false),
  updated_at: Time,
  pushed_at: Time.nullish(),
});
type Repository = z.infer<typeof Repository>;

const Envelope = z.object({ action: z.string().optional(), repository: Repository });

const Push = z.object({
  ref: z.string(),
  before: z.string().optional(),
  head_commit: z
    .object({ id: z.string(), message: z.string(), author: z.object({ name: z.string(), username: z.string().optional() }), url: z.string(), timestamp: Time })
    .nullable(),
});

const Suite = z.object({ id: z.number(), head_sha: z.string(), status: z.string().nullable(), conclusion: z.string().nullish(), updated_at: Time });

const WorkflowRun = z.object({
  workflow_run: z.object({
    check_suite_id: z.number(),
    name: z.string().nullish(),
    head_sha: z.string(),
    status: z.string().nullable(),
    conclusion: z.string().nullish(),
    html_url: z.string(),
    run_attempt: z.number().default(1),
    updated_at: Time,
  }),
});

const App = z.object({ name: z.string(), slug: z.string().nullish() }).nullish();
const CheckSuite = z.object({ check_suite: Suite.extend({ app: App }) });
const CheckRun = z.object({ check_run: z.object({ html_url: z.string().nullish(), check_suite: Suite.extend({ app: App }) }) });

const ReleasePayload = z.object({
  release: z.object({ id: z.number(), tag_name: z.string(), name: z.string().nullish(), html_url: z.string(), draft: z.boolean(), prerelease: z.boolean(), published_at: Time.nullish() }),
});

const Package = z.object({
  name: z.string(),
  html_url: z.string().nullish(),
  package_type: z.string(),
  package_version: z
    .object({ html_url: z.string().nullish(), updated_at: Time.nullish(), created_at: Time.nullish(), container_metadata: z.object({ tag: z.object({ name: z.string(), digest: z.string() }).partial() }).nullish() })
    .nullish(),
});
const PackagePayload = z.object({ package: Package });
const RegistryPackagePayload = z.object({ registry_package: Package });

/**
 * `event` is the header `X-GitHub-Event`, `payload` what the verified body says. Every event tells of the repository itself, too.
 * @throws ZodError where a field that we use is missing.
 */
export function parseWebhook(event: string, payload: unknown): WebhookEvent {
  if (typeof payload !== 'object' || payload === null || !('repository' in payload)) return { event: 'other' };
  const { action = '', repository } = Envelope.parse(payload);
  const told = { event: 'told' as const, repository: { id: repository.id, fullName: repository.full_name }, branch: null };
  const seen: RepositoryFacts = { state: stateOf(repository, event === 'repository' && action === 'deleted') };
  switch (event) {
    case 'push':
      return { ...told, ...fromPush(payload, repository, seen) };
    case 'workflow_run':
      return { ...told, seen: { ...seen, checks: [checkOfRun(payload)] } };
    case 'check_suite':
    case 'check_run':
      return { ...told, seen: { ...seen, checks: checkOfSuite(event, payload) } };
    case 'release':
      return { ...told, ...fromRelease(payload, action, seen) };
    case 'package':
    case 'registry_package':
      return { ...told, seen: { ...seen, ...imageOf(event, payload) } };
    default:
      return { ...told, seen };
  }
}

function stateOf(repository: Repository, deleted: boolean): RepositoryState {
  const condition = deleted ? 'deleted' : repository.archived ? 'archived' : 'active';
  return { fullName: repository.full_name, url: repository.html_url, defaultBranch: repository.default_branch, condition, at: repository.updated_at };
}

function fromPush(payload: unknown, repository: Repository, seen: RepositoryFacts): { branch: string | null; seen: RepositoryFacts } {
  const { ref, before = null, head_commit: head } = Push.parse(payload);
  const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1] ?? null;
  if (branch === null || head === null) return { branch: null, seen };
  const commit = {
    branch,
    sha: head.id,
    before: before === null || /^0+$/.test(before) ? null : before,
    message: head.message,
    author: head.author.username ?? head.author.name,
    url: head.url,
    madeAt: head.timestamp,
    at: repository.pushed_at ?? head.timestamp,
  };
  return { branch, seen: { ...seen, commit } };
}

function checkOfRun(payload: unknown): Check {
  const { workflow_run: run } = WorkflowRun.parse(payload);
  const { check_suite_id: id, head_sha: sha, name, html_url: url, run_attempt: attempt, updated_at: at, conclusion = null } = run;
  return { id: String(id), sha, name: name ?? 'workflow', status: statusOf(run.status), conclusion, url, attempt, at };
}

/** A run of an app's checks tells of its suite. What GitHub Actions does is told by `workflow_run`, which knows its attempts. */
function checkOfSuite(event: 'check_suite' | 'check_run', payload: unknown): Check[] {
  const run = event === 'check_run' ? CheckRun.parse(payload).check_run : null;
  const suite = run ? run.check_suite : CheckSuite.parse(payload).check_suite;
  if (suite.app?.slug === 'github-actions') return [];
  const { id, head_sha: sha, updated_at: at, conclusion = null } = suite;
  return [{ id: String(id), sha, name: suite.app?.name ?? 'checks', status: statusOf(suite.status), conclusion, url: run?.html_url ?? null, attempt: 1, at }];
}

/** GitHub has several words for not having begun. */
export function statusOf(status: string | null): Check['status'] {
  return status === 'completed' || status === 'in_progress' ? status : 'queued';
}

function fromRelease(payload: unknown, action: string, seen: RepositoryFacts): { seen: RepositoryFacts; goneRelease?: string } {
  const { release } = ReleasePayload.parse(payload);
  const isGone = action === 'deleted' || action === 'unpublished' || release.draft || release.prerelease;
  return isGone ? { seen, goneRelease: String(release.id) } : { seen: { ...seen, ...releaseOf(release) } };
}

export function releaseOf(wire: { id: number | bigint; tag_name: string; name?: string | null | undefined; html_url: string; published_at?: string | null | undefined }): { release?: Release } {
  const { id, tag_name: tag, name, html_url: url, published_at: at } = wire;
  return at ? { release: { id: String(id), tag, name: name || tag, url, at: new Date(at).toISOString() } } : {};
}

/** Each platform of an image is a version of its own without a tag. */
function imageOf(event: 'package' | 'registry_package', payload: unknown): { image?: Image } {
  const wire = event === 'package' ? PackagePayload.parse(payload).package : RegistryPackagePayload.parse(payload).registry_package;
  const version = wire.package_version;
  const { name: tag, digest } = version?.container_metadata?.tag ?? {};
  const at = version?.updated_at ?? version?.created_at;
  if (wire.package_type.toLowerCase() !== 'container' || !tag || !digest || !at) return {};
  return { image: { name: wire.name, tag, digest, url: version?.html_url ?? wire.html_url ?? '', at } };
}
