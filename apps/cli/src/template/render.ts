import { cp, mkdir, readdir } from 'node:fs/promises';
import { needed, onlyPath, readOptions, WrongUse } from '../wrong-use.js';
import { knownSteps } from './known-steps.js';
import { loadOne } from './load-one.js';
import { readGiven, workOut } from './work-out.js';

/** Writes what the template's steps would leave in the workspace into a folder. */
export async function render(args: string[]): Promise<number> {
  const { values, positionals } = readOptions(args, {
    ...{ values: { type: 'string' }, secrets: { type: 'string' }, out: { type: 'string' }, action: { type: 'string' }, entity: { type: 'string' } },
  } as const);
  const given = onlyPath(positionals);
  const out = needed(values.out, 'out', 'the folder for the files');
  await refuseFilled(out);
  const inputs = await readGiven({ values: values.values, secrets: values.secrets });
  const found = await loadOne(given, values.action);
  if (!found) return 1;
  const { registry } = await knownSteps(undefined);
  const keep = async (workspace: string): Promise<void> => {
    await mkdir(out, { recursive: true });
    await cp(workspace, out, { recursive: true, verbatimSymlinks: true });
  };
  const plan = await workOut({ found, given: inputs, entity: values.entity, registry, keep });
  if (!plan) return 1;
  const failed = plan.steps.filter(({ failure }) => failure && failure.code !== 'step_action_unknown');
  for (const { id, failure } of failed) process.stderr.write(`step ${id}: ${failure?.message} (${failure?.code})\n`);
  process.stdout.write(`${plan.files.length} files in ${out}\n`);
  return failed.length > 0 ? 1 : 0;
}

/** Files of two renderings must not mix. */
async function refuseFilled(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new WrongUse(`${folder} cannot hold the files: ${error.message}`);
  });
  if (entries.length > 0) throw new WrongUse(`${folder} is not empty: name a folder that is, or that is not there yet.`);
}
