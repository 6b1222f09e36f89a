import { readFile } from 'node:fs/promises';
import { RunStatus, StepStatus } from '@slipway/contracts';
import { parse } from 'yaml';
import { z } from 'zod';
import { WrongUse } from '../../wrong-use.js';

const Values = z.record(z.string(), z.unknown());

const ExpectedFile = z.union([
  z.string().transform((path) => ({ path })),
  z.strictObject({ path: z.string(), contains: z.string().optional(), absent: z.literal(true).optional() }),
]);

const TestCase = z.strictObject({
  name: z.string().min(1),
  /** What the form would send. */
  values: Values.default({}),
  /** What it would send in secret fields: made up for the test, since this file is for everybody to read. */
  secrets: Values.default({}),
  /** Runs of the same golden path that must have succeeded before, such as the CREATE before a DELETE. */
  given: z.array(z.strictObject({ action: z.string(), values: Values.default({}), secrets: Values.default({}) })).default([]),
  /** Of a DAY-2 or DELETE; absent: the one that `given` created. */
  entity: z.string().optional(),
  /** As the sandbox's control API takes them; it says what is wrong with one. */
  faults: z.array(z.looseObject({ system: z.string(), fault: z.string() })).default([]),
  /** Ask to cancel once this step runs. */
  cancelAt: z.string().optional(),
  withinSeconds: z.int().min(1).max(3_600).default(300),
  expect: z
    .strictObject({
      status: RunStatus.extract(['SUCCEEDED', 'FAILED', 'CANCELLED']).default('SUCCEEDED'),
      /** The code of the run's failure. */
      failure: z.string().optional(),
      /** By step; others may be as they will. */
      steps: z.record(z.string(), StepStatus).default({}),
      /** In the workspace, at the run's end. */
      files: z.array(ExpectedFile).default([]),
      /** All that stands when the run has ended, as `kind id`, where `*` is any text, and an id may hold spaces; absent: not looked at. */
      resources: z.array(z.string().regex(/^\S+ \S.*$/, 'must be a kind and an id: github:repository acme/shop')).optional(),
      /** Lines of the run's log hold these. */
      log: z.array(z.string()).default([]),
    })
    .prefault({}),
});
export type TestCase = z.infer<typeof TestCase>;

const TestFile = z.strictObject({ cases: z.array(TestCase).min(1) });

/** A template's cases. What is wrong with the file is wrong use, every fault at once. */
export async function readTestFile(file: string): Promise<TestCase[]> {
  const parsed = TestFile.safeParse(parseYaml(file, await readFile(file, 'utf8')));
  if (parsed.success) return parsed.data.cases;
  const faults = parsed.error.issues.map((issue) => `  ${issue.path.join('.') || '(top)'}: ${issue.message}`);
  throw new WrongUse(`The test file ${file} is not valid:\n${faults.join('\n')}`);
}

function parseYaml(file: string, text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 50 });
  } catch (error) {
    throw new WrongUse(`The test file ${file} is no YAML: ${(error as Error).message}`);
  }
}
