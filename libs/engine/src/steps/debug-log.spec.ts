import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exerciseStep } from '../testing/exercise-step.js';
import { createStepRig } from '../testing/step-rig.js';
import { debugLog } from './debug-log.js';

exerciseStep(
  'debug:log',
  async () => {
    const workspace = await someWorkspace();
    return {
      ...{ step: debugLog, kinds: [], input: { message: 'Now:', listWorkspace: true } },
      files: { workspace, template: workspace },
      count: () => Promise.resolve(0),
      close: () => rm(workspace, { recursive: true }),
    };
  },
  { makesNothing: 'it writes to the log' },
);

async function someWorkspace(): Promise<string> {
  const workspace = await mkdtemp(join(tmpdir(), 'slipway-log-'));
  await mkdir(join(workspace, 'src'));
  await writeFile(join(workspace, 'src', 'main.py'), 'print(1)\n');
  await writeFile(join(workspace, 'logo.png'), Buffer.from([137, 0, 1]));
  await writeFile(join(workspace, 'long.txt'), 'x'.repeat(5_000));
  await symlink('/etc/passwd', join(workspace, 'elsewhere'));
  return workspace;
}

async function logged(input: object): Promise<string[]> {
  const workspace = await someWorkspace();
  try {
    const rig = createStepRig({ kinds: [], files: { workspace, template: workspace } });
    await rig.run(debugLog, input);
    return rig.lines.map(({ message }) => message);
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

it('writes its message, and nothing of the workspace unless asked', async () => {
  expect(await logged({ message: 'Hello' })).toEqual(['Hello']);
  expect(await logged({ message: [{ path: 'a' }] })).toEqual(['[{"path":"a"}]']);
  expect(await logged({ listWorkspace: false })).toEqual([]);
});

it.each([true, 'with-filenames'])('lists the files of the workspace, links left out (%s)', async (listWorkspace) => {
  expect(await logged({ message: 'Now:', listWorkspace })).toEqual(['Now:', 'The workspace holds 3 files.', 'logo.png', 'long.txt', 'src/main.py']);
});

it('shows how each begins', async () => {
  expect(await logged({ listWorkspace: 'with-contents' })).toEqual([
    'The workspace holds 3 files.',
    'logo.png:\n(binary)',
    `long.txt:\n${'x'.repeat(4_096)}\n…`,
    'src/main.py:\nprint(1)\n',
  ]);
});
