import { readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import type { ResourceKind } from '../resource-kind.js';
import type { StepDefinition, StepFiles } from '../step-definition.js';
import { failureOf } from './failure-of.js';
import { Crash } from './memory-ledger.js';
import { createStepRig, type StepRig } from './step-rig.js';

/** What one test of the suite needs: names nobody else uses, so that tests share a system and disturb nobody. */
export interface StepScene {
  step: StepDefinition;
  kinds: readonly ResourceKind[];
  /** As a template's author would write it, expressions evaluated. */
  input: Record<string, unknown>;
  /** The kinds of what the ledger holds after it, each of which is thereby held to the suite; absent: it makes nothing. */
  makes?: readonly string[];
  secrets?: Record<string, string>;
  files?: StepFiles;
  /** What earlier steps of the same run have done, with their rows in the ledger. */
  before?(rig: StepRig): Promise<void>;
  /** Becomes the rig's mark; needed where `setup` made something that the step is to find as its own. */
  mark?: string;
  /** How many of the thing the step makes the system holds under this name now; asked of the system, not of our client. */
  count(): Promise<number>;
  /** Absent only where `ExerciseOptions` says why. */
  foreign?: {
    /** Another's hand makes something of the same name. */
    make(): Promise<void>;
    /** Everything about it that we must not change. */
    look(): Promise<unknown>;
    /** The code of the clear error. */
    code: string;
  };
  close?(): Promise<void>;
}

export interface ExerciseOptions {
  /** For one test, in ms (30 000). */
  timeoutMs?: number;
  /** Why the step makes nothing outside: it is run twice, and everything about resources is skipped. */
  makesNothing?: string;
  /** Why nothing foreign can stand in this step's way: skips both tests about it. */
  nothingForeign?: string;
  /** Why removal cannot tell something foreign from what we planned (the system has no place for a mark): skips that test. */
  removalCannotTell?: string;
}

/**
 * The conformance suite every step definition passes together with its kinds, against the system itself (or its stand-in).
 * `setup` is called once per test and answers a scene of its own. That no step or kind is forgotten is seen to in
 * `libs/composition`, by what the calls of this function say: `id` and `makes` are literals there.
 */
export function exerciseStep(id: string, setup: () => Promise<StepScene>, options: ExerciseOptions = {}): void {
  const { makesNothing, timeoutMs = 30_000 } = options;
  const test = (title: string, body: TestBody, skipBecause: string | undefined = makesNothing): void => {
    if (skipBecause) it.skip(`${title} (${skipBecause})`, () => undefined);
    else it(title, () => withScene(setup, timeoutMs, body), timeoutMs + 5_000);
  };

  describe(`${id} keeps the contract of a step`, () => {
    test('run twice: one resource, the same output, the same workspace', async (scene, rig) => {
      expect(scene.step.id).toBe(id);
      const first = await rig.run(scene.step, scene.input);
      const left = await contentsOf(scene.files);
      const second = await rig.run(scene.step, scene.input);
      expect(second).toEqual(first);
      expect(await contentsOf(scene.files)).toEqual(left);
      expect(await scene.count()).toBe(makesNothing ? 0 : 1);
      expect(rig.ledger.rows.map((row) => row.state)).toEqual(rig.ledger.rows.map(() => 'CREATED'));
      expect(new Set(rig.ledger.rows.map((row) => row.kind))).toEqual(new Set(scene.makes));
      expect(rig.ledger.rows.length > 0).toBe(!makesNothing);
      for (const row of rig.ledger.rows) {
        expect(await rig.ledger.kindOf(row).observe(rig.ledger.context(), row)).toMatchObject({ exists: true, owned: true });
      }
      expectNoSecret(rig, [first, second]);
    }, '');

    test('run, then remove: none left; remove again: harmless', async (scene, rig) => {
      await rig.run(scene.step, scene.input);
      const rows = await rig.ledger.standing();
      // Not 'removed' alone: what takes its time answers `pending` first and is absent once gone.
      for (const removal of await rig.undo()) expect(['removed', 'absent']).toContain(removal.outcome);
      expect(await scene.count()).toBe(0);
      for (const row of rows) {
        expect(await rig.ledger.remove(row)).toMatchObject({ outcome: 'absent' });
        expect(await rig.ledger.kindOf(row).observe(rig.ledger.context(), row)).toEqual({ exists: false });
      }
    });

    test('ended after planning: removing what was planned is harmless', async (scene, rig) => {
      await crashOnce(scene, rig, 'planned');
      for (const removal of await rig.undo()) expect(['absent', 'removed']).toContain(removal.outcome);
    });

    test('ended between the call and the record: adopted, not made twice', async (scene, rig) => {
      await crashOnce(scene, rig, 'made');
      await rig.run(scene.step, scene.input);
      expect(await scene.count()).toBe(1);
      await rig.undo();
      expect(await scene.count()).toBe(0);
    });

    test('ended between the call and the record: removed by the planned row alone', async (scene, rig) => {
      await crashOnce(scene, rig, 'made');
      await rig.undo();
      expect(await scene.count()).toBe(0);
    });

    const foreignOf = (scene: StepScene): NonNullable<StepScene['foreign']> => {
      if (!scene.foreign) throw new Error('The scene has no `foreign`: add it, or say in the options why there is nothing.');
      return scene.foreign;
    };

    const untouched = async (scene: StepScene, rig: StepRig): Promise<void> => {
      const foreign = foreignOf(scene);
      await foreign.make();
      const before = await foreign.look();
      const error = await failureOf(rig.run(scene.step, scene.input));
      expect(error).toMatchObject({ classification: 'fatal', code: foreign.code });
      expect(error.remedy).toBeTruthy();
      await rig.undo();
      expect(await foreign.look()).toEqual(before);
      expectNoSecret(rig, [error.message, error.remedy]);
    };
    test('something foreign of the same name: untouched, and a clear error', untouched, makesNothing ?? options.nothingForeign);

    const leftAlone = async (scene: StepScene, rig: StepRig): Promise<void> => {
      const foreign = foreignOf(scene);
      await crashOnce(scene, rig, 'planned');
      await foreign.make();
      const before = await foreign.look();
      for (const removal of await rig.undo()) expect(['foreign', 'kept']).toContain(removal.outcome);
      expect(await foreign.look()).toEqual(before);
    };
    test(
      'something foreign in the place of what was planned: left alone',
      leftAlone,
      makesNothing ?? options.nothingForeign ?? options.removalCannotTell,
    );
  });
}

type TestBody = (scene: StepScene, rig: StepRig) => Promise<void>;

async function withScene(setup: () => Promise<StepScene>, deadlineMs: number, body: TestBody): Promise<void> {
  const scene = await setup();
  const { kinds, secrets, files, mark } = scene;
  const rig = createStepRig({ kinds, deadlineMs, ...(secrets && { secrets }), ...(files && { files }), ...(mark && { mark }) });
  try {
    await scene.before?.(rig);
    await body(scene, rig);
  } finally {
    await rig.undo().catch(() => []);
    await scene.close?.();
  }
}

/** A step that plans nothing itself (its resource is another step's) has no such moment: then it just runs. */
async function crashOnce(scene: StepScene, rig: StepRig, when: 'planned' | 'made'): Promise<void> {
  rig.ledger.crash = when;
  await rig.run(scene.step, scene.input).catch((error: unknown) => {
    if (!(error instanceof Crash)) throw error;
  });
  rig.ledger.crash = null;
}

/** What the workspace holds, by path. */
async function contentsOf(files: StepFiles | undefined): Promise<Map<string, string>> {
  if (!files) return new Map();
  const entries = await readdir(files.workspace, { recursive: true, withFileTypes: true });
  const contents = entries.map(async (entry): Promise<[string, string]> => {
    const place = path.join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) return [place, `-> ${await readlink(place)}`];
    return [place, entry.isFile() ? await readFile(place, 'latin1') : ''];
  });
  return new Map(await Promise.all(contents));
}

function expectNoSecret(rig: StepRig, seen: unknown[]): void {
  const text = JSON.stringify([seen, rig.ledger.rows, rig.lines]);
  const shown = [...rig.values].filter((value) => value.length >= 4 && text.includes(value));
  expect(shown).toHaveLength(0);
}
