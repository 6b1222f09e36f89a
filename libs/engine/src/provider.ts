import type { CommitGraph } from './ports/commit-graph.js';
import type { ResourceKind } from './resource-kind.js';
import type { SecretResolver } from './ports/secrets.js';
import type { StepDefinition } from './step-definition.js';

/** One configured external system, as the apps compose it: what it can do, take away and look up. */
export interface Provider {
  /** `github`, `akeyless`, … */
  name: string;
  /** Calls of steps and removals at the same time in one process; absent: there is no outside system to spare. */
  atOnce?: number;
  steps: StepDefinition[];
  kinds: ResourceKind[];
  /** For references `name:path#key`. */
  secrets?: SecretResolver;
  /** Of the repositories that it hosts. */
  commits?: CommitGraph;
  /** Whether the system answers and lets us in; `detail` says what to do where not. */
  health?: (signal: AbortSignal) => Promise<{ ok: boolean; detail: string }>;
}
