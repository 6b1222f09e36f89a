import { open, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { defineStep, type StepContext } from '../step-definition.js';

const Input = z.object({
  /** Text as it is, anything else as JSON. */
  message: z.unknown().optional(),
  /** `true` is `with-filenames`. */
  listWorkspace: z.union([z.boolean(), z.enum(['with-filenames', 'with-contents'])]).default(false),
});
type Input = z.output<typeof Input>;

/** A log is read by people: what is beyond is counted. */
const mostFiles = 500;
const mostBytes = 4_096;

/** Inputs are those of Backstage's action of this name. */
export const debugLog = defineStep<Input, Record<string, never>>({
  id: 'debug:log',
  description: 'Writes a message to the log, or what the workspace holds.',
  input: Input,
  output: z.object({}),
  workspace: 'read',
  looksAtFiles: ({ listWorkspace }) => listWorkspace !== false,
  async run(ctx, { message, listWorkspace }) {
    if (message !== undefined) ctx.log.info(typeof message === 'string' ? message : JSON.stringify(message));
    if (listWorkspace !== false) await list(ctx, listWorkspace === 'with-contents');
    return { output: {} };
  },
});

async function list({ log, files: { workspace } }: StepContext, withContents: boolean): Promise<void> {
  const entries = await readdir(workspace, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();
  log.info(`The workspace holds ${files.length} ${files.length === 1 ? 'file' : 'files'}.`);
  for (const file of files.slice(0, mostFiles)) {
    const name = relative(workspace, file);
    log.info(withContents ? `${name}:\n${await beginningOf(file)}` : name);
  }
  if (files.length > mostFiles) log.info(`And ${files.length - mostFiles} more.`);
}

async function beginningOf(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(mostBytes + 1), 0, mostBytes + 1, 0);
    const bytes = buffer.subarray(0, bytesRead);
    if (bytes.includes(0)) return '(binary)';
    return bytesRead > mostBytes ? `${bytes.subarray(0, mostBytes).toString()}\n…` : bytes.toString();
  } finally {
    await handle.close();
  }
}
