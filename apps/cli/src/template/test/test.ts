import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type LoadedTemplate, loadGoldenPath } from '@slipway/templating';
import { WrongUse, onlyPath, readOptions } from '../../wrong-use.js';
import { findTemplates, type TemplatePlace } from '../find-templates.js';
import { junitReport } from './junit-report.js';
import type { CaseResult } from './run-case.js';
import { type TestCase, readTestFile } from './test-file.js';

/** One case and where it comes from. */
interface Job {
  file: string;
  template: LoadedTemplate;
  actions: LoadedTemplate[];
  test: TestCase;
}

export interface Result extends CaseResult {
  file: string;
  template: string;
  name: string;
  seconds: number;
}

/** Plays every case of the test files at or below a path against a sandbox that starts for it and goes with it. */
export async function test(args: string[]): Promise<number> {
  const { values, positionals } = readOptions(args, {
    ...{ json: { type: 'boolean' }, junit: { type: 'string' }, case: { type: 'string' } },
  } as const);
  const jobs = await jobsAt(onlyPath(positionals), values.case);
  const stop = new AbortController();
  const interrupt = (): void => stop.abort(new Error('Interrupted.'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  const results = await play(jobs, stop.signal, values.json ? () => undefined : report);
  const failed = results.filter(({ problems }) => problems.length > 0).length;
  if (values.junit !== undefined) await writeFile(values.junit, junitReport(results));
  if (values.json) process.stdout.write(`${JSON.stringify({ cases: results }, null, 2)}\n`);
  else process.stdout.write(`\n${results.length - failed} passed, ${failed} failed\n`);
  return failed > 0 ? 1 : 0;
}

async function play(jobs: Job[], signal: AbortSignal, tell: (result: Result) => void): Promise<Result[]> {
  // Loads every provider's client: only once there is something to play.
  const [{ openTestBench }, { runCase }] = await Promise.all([import('./test-bench.js'), import('./run-case.js')]);
  const bench = await openTestBench();
  try {
    const results: Result[] = [];
    for (const { file, template, actions, test: one } of jobs) {
      const begun = performance.now();
      const played = await runCase({ bench, template, actions, signal }, one);
      const seconds = Math.round((performance.now() - begun) / 100) / 10;
      const result = { file, template: template.identifier, name: one.name, seconds, ...played };
      results.push(result);
      tell(result);
    }
    return results;
  } finally {
    await bench.close();
  }
}

function report({ template, name, seconds, problems, log }: Result): void {
  const passed = problems.length === 0;
  const lines = [`${passed ? '✓' : '✗'} ${template}: ${name} (${seconds} s)`];
  if (!passed) lines.push(...problems.map((problem) => `    ${problem}`), '    The end of the log:', ...log.slice(-15).map((line) => `      ${line}`));
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function jobsAt(given: string, only: string | undefined): Promise<Job[]> {
  const places = await findTemplates(given);
  const jobs = (await Promise.all(places.map(jobsOf))).flat().filter(({ test: one }) => only === undefined || one.name === only);
  if (jobs.length > 0) return jobs;
  if (only !== undefined) throw new WrongUse(`No test file at ${given} has a case "${only}".`);
  throw new WrongUse(`There is no test file at ${given}: template.test.yaml, beside template.yaml.`);
}

async function jobsOf({ file: templateFile, root, templatePath }: TemplatePlace): Promise<Job[]> {
  const file = path.join(path.dirname(templateFile), 'template.test.yaml');
  if (!(await stat(file).catch(() => null))) return [];
  const cases = await readTestFile(file);
  const actions = await loadGoldenPath(root);
  const template = actions.find((action) => action.templatePath === templatePath);
  if (!template) throw new WrongUse(`${templateFile} is not called template.yaml.`);
  return cases.map((one) => ({ file, template, actions, test: one }));
}
