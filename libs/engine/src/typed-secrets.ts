import { randomBytes } from 'node:crypto';
import type { EngineDependencies } from './engine-dependencies.js';
import type { RunRecord } from './ports/run-store.js';
import { SealUnopened, type Sealer } from './sealer.js';
import { SecretValues } from './secret-values.js';
import { StepError } from './step-error.js';

/** By name, each bound to its run and its field: nothing but this goes to the store. */
export function sealTypedSecrets(sealer: Pick<Sealer, 'seal'>, runId: string, secrets: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, sealer.seal(value, placeOf(runId, name))]));
}

function placeOf(runId: string, name: string): string[] {
  return ['form secret', runId, name];
}

type Deps = Pick<EngineDependencies, 'store' | 'sealer' | 'evaluator' | 'resolveSecret' | 'environmentSecrets'>;

/**
 * What somebody typed into secret fields of the run's form: sealed in the store, clear in this worker's memory alone; and the
 * secrets of the installation that the plan speaks of. All of them are known from the start, since what one step says may quote
 * what another one was given.
 */
export class TypedSecrets {
  private readonly clear = new Map<string, string>();
  private readonly missing = new Map<string, StepError>();
  /** References, by `environment.NAME`. */
  private readonly environment: ReadonlyMap<string, string>;

  constructor(
    private readonly deps: Deps,
    private readonly run: Pick<RunRecord, 'id' | 'plan'>,
    private readonly values: SecretValues,
    private readonly signal: AbortSignal,
  ) {
    const spokenOf = this.environmentNames(deps.environmentSecrets ?? {});
    this.environment = new Map(spokenOf);
  }

  /** Whether an expression may speak of any: then none of them is recorded with what it gave. */
  get areThere(): boolean {
    return this.names.length > 0;
  }

  /** Once, when a worker begins with the run; most runs have none. */
  async open(): Promise<void> {
    if (!this.areThere) return;
    const sealed = this.typedNames.length > 0 ? await this.deps.store.sealedSecrets(this.run.id) : {};
    for (const name of this.typedNames) this.openOne(name, sealed[name]);
    for (const [name, reference] of this.environment) await this.resolveOne(name, reference);
  }

  /** Those that expressions in the value speak of; null where there are none. Throws `StepError` for one that is not to be had. */
  usedIn(value: unknown): Record<string, string> | null {
    if (!this.areThere) return null;
    const spokenOf = this.deps.evaluator.secretsIn(value);
    const used = this.names.filter((name) => spokenOf === 'all' || spokenOf.has(name));
    if (used.length === 0) return null;
    return Object.fromEntries(used.map((name) => [name, this.valueOf(name)]));
  }

  /** What an expression made of secrets (in capitals, behind `Bearer`) is one too: it would be another, were they others. */
  protectDerived<T>(used: Record<string, string>, evaluate: (secrets: Record<string, string>) => T): T {
    const derived = evaluate(used);
    const decoys = Object.fromEntries(Object.keys(used).map((name) => [name, randomBytes(16).toString('hex')]));
    const decoyValues = new SecretValues();
    for (const decoy of Object.values(decoys)) decoyValues.add(decoy);
    try {
      protectDifferences({ value: derived, values: this.values }, { value: evaluate(decoys), values: decoyValues });
    } catch (error) {
      // It asks more of a secret than being a text; the secret itself is protected all the same.
      if (!(error instanceof StepError)) throw error;
    }
    return derived;
  }

  private get names(): string[] {
    return [...this.typedNames, ...this.environment.keys()];
  }

  private get typedNames(): string[] {
    return (this.run.plan.secrets ?? []).map(({ name }) => name);
  }

  private environmentNames(references: Readonly<Record<string, string>>): [string, string][] {
    const all = Object.entries(references).map(([name, reference]): [string, string] => [`environment.${name}`, reference]);
    if (all.length === 0) return [];
    const spokenOf = this.deps.evaluator.secretsIn(this.run.plan.steps.map(({ input, each }) => [input, each]));
    return all.filter(([name]) => spokenOf === 'all' || spokenOf.has(name));
  }

  private async resolveOne(name: string, reference: string): Promise<void> {
    try {
      const value = await this.deps.resolveSecret(reference, this.signal);
      this.values.add(value);
      this.clear.set(name, value);
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      this.missing.set(name, error);
    }
  }

  private openOne(name: string, sealed: string | undefined): void {
    if (sealed === undefined) return void this.missing.set(name, wiped(name));
    try {
      const value = this.deps.sealer.open(sealed, placeOf(this.run.id, name));
      this.values.add(value);
      this.clear.set(name, value);
    } catch (error) {
      if (!(error instanceof SealUnopened)) throw error;
      this.missing.set(name, unopened(name, error));
    }
  }

  private valueOf(name: string): string {
    const value = this.clear.get(name);
    if (value !== undefined) return value;
    throw this.missing.get(name) ?? wiped(name);
  }
}

/** Shorter texts are words rather than secrets: `yes`, `main`. */
const shortestDerived = 8;

interface Side {
  value: unknown;
  values: SecretValues;
}

/** Where a text only has the secret in it, the secret is all that has to go. */
function protectDifferences({ value, values }: Side, decoy: Side): void {
  if (typeof value === 'string') {
    const other = typeof decoy.value === 'string' ? decoy.values.redact(decoy.value) : null;
    if (value.length >= shortestDerived && values.redact(value) !== other) values.add(value);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) {
      const other: unknown = typeof decoy.value === 'object' && decoy.value !== null ? Reflect.get(decoy.value, key) : undefined;
      protectDifferences({ value: part, values }, { value: other, values: decoy.values });
    }
  }
}

function wiped(name: string): StepError {
  return new StepError('fatal', 'secrets_needed', `The secret "${name}" is no longer kept: it was wiped once the run had ended.`, {
    remedy: 'Retry the run and type it again.',
  });
}

function unopened(name: string, cause: SealUnopened): StepError {
  return new StepError('fatal', 'secret_unopened', `The secret "${name}" cannot be opened: ${cause.message}`, {
    remedy: 'Give every worker all keys that the api has (SLIPWAY_KEY), then retry the run; or retry it and type the secret again.',
    cause,
  });
}
