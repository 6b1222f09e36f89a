import { load } from 'js-yaml';

export interface WorkflowFile {
  name: string | undefined;
  /** `run-name`, with its expressions. */
  runName: string | undefined;
  /** By event; null where an event has no filters. */
  on: Record<string, Filters | null>;
  jobs: JobFile[];
}

export interface JobFile {
  key: string;
  name: string;
  environment: string | undefined;
  steps: string[];
  labels: string[];
  writesPackages: boolean;
}

interface Filters {
  branches?: string[];
  'branches-ignore'?: string[];
  tags?: string[];
  'tags-ignore'?: string[];
  paths?: string[];
  'paths-ignore'?: string[];
  inputs?: Record<string, { required?: boolean; default?: unknown; type?: string; options?: unknown[] } | null>;
}

/** What a workflow's file says, or undefined for what is no workflow: GitHub too starts nothing from it. */
export function readWorkflow(text: string): WorkflowFile | undefined {
  let document: unknown;
  try {
    document = load(text);
  } catch {
    return undefined;
  }
  if (!isRecord(document) || !isRecord(document['jobs'])) return undefined;
  const { name, on, permissions } = document;
  return {
    name: typeof name === 'string' ? name : undefined,
    runName: typeof document['run-name'] === 'string' ? document['run-name'] : undefined,
    on: readEvents(on),
    jobs: Object.entries(document['jobs']).map(([key, job]) => readJob(key, isRecord(job) ? job : {}, permissions)),
  };
}

/** Whether it depends on which files a push changed. */
export function asksForPaths({ on }: WorkflowFile): boolean {
  const filters = on['push'];
  return Boolean(filters?.paths ?? filters?.['paths-ignore']);
}

/** Whether a push of this ref starts the workflow. `changedPaths` matter only where it `asksForPaths`. */
export function startsOnPush({ on }: WorkflowFile, ref: string, changedPaths: readonly string[]): boolean {
  const filters = on['push'];
  if (filters === undefined) return false;
  if (filters === null) return true;
  const isTag = ref.startsWith('refs/tags/');
  const name = ref.replace(/^refs\/(heads|tags)\//, '');
  const [mine, mineIgnored] = isTag ? [filters.tags, filters['tags-ignore']] : [filters.branches, filters['branches-ignore']];
  const [other, otherIgnored] = isTag ? [filters.branches, filters['branches-ignore']] : [filters.tags, filters['tags-ignore']];
  // Filters for branches alone leave tags out, and the other way round.
  if (!mine && !mineIgnored && (other ?? otherIgnored)) return false;
  if (mine && !selects(mine, name)) return false;
  if (mineIgnored && selects(mineIgnored, name)) return false;
  if (isTag) return true;
  const { paths, 'paths-ignore': pathsIgnored } = filters;
  if (paths && !changedPaths.some((path) => selects(paths, path))) return false;
  return !(pathsIgnored && changedPaths.length > 0 && changedPaths.every((path) => selects(pathsIgnored, path)));
}

/** What a run that somebody started is called; of expressions, those over its inputs are known. */
export function titleOfRun({ runName }: WorkflowFile, inputs: Record<string, unknown>): string | undefined {
  return runName?.replace(/\$\{\{\s*(?:github\.event\.)?inputs\.([\w-]+)\s*\}\}/g, (_whole, name: string) => {
    const given = inputs[name];
    return typeof given === 'string' ? given : given === undefined ? '' : JSON.stringify(given);
  });
}

/** In order, a later pattern overruling: `!` takes out again. */
function selects(patterns: readonly string[], name: string): boolean {
  let selected = false;
  for (const pattern of patterns) {
    const negated = pattern.startsWith('!');
    if (globToPattern(negated ? pattern.slice(1) : pattern).test(name)) selected = !negated;
  }
  return selected;
}

function globToPattern(glob: string): RegExp {
  const parts = glob.split(/(\*\*\/?|\*|\?|\+|\[[^\]]+\])/).map((part) => {
    if (part.startsWith('**')) return '.*';
    if (part === '*') return '[^/]*';
    // What precedes it, no times or once; once or more often.
    if (part === '?' || part === '+' || part.startsWith('[')) return part;
    return RegExp.escape(part);
  });
  return new RegExp(`^${parts.join('')}$`);
}

function readEvents(on: unknown): WorkflowFile['on'] {
  if (typeof on === 'string') return { [on]: null };
  if (Array.isArray(on)) return Object.fromEntries(on.map((event) => [String(event), null]));
  if (!isRecord(on)) return {};
  return Object.fromEntries(Object.entries(on).map(([event, filters]) => [event, isRecord(filters) ? (filters as Filters) : null]));
}

function readJob(key: string, job: Record<string, unknown>, inherited: unknown): JobFile {
  const { name, environment, steps, permissions = inherited } = job;
  const runsOn = job['runs-on'];
  const named = isRecord(environment) ? environment['name'] : environment;
  return {
    key,
    name: typeof name === 'string' ? name : key,
    environment: typeof named === 'string' ? named : undefined,
    steps: Array.isArray(steps) ? steps.map(stepName) : [],
    labels: (Array.isArray(runsOn) ? runsOn : [runsOn]).filter((label) => typeof label === 'string'),
    writesPackages: permissions === 'write-all' || (isRecord(permissions) && permissions['packages'] === 'write'),
  };
}

function stepName(step: unknown): string {
  if (!isRecord(step)) return 'Run';
  if (typeof step['name'] === 'string') return step['name'];
  if (typeof step['uses'] === 'string') return `Run ${step['uses']}`;
  return typeof step['run'] === 'string' ? `Run ${step['run'].split('\n')[0]}` : 'Run';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
