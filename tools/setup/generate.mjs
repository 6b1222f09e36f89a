import { readFileSync } from 'node:fs';
import path from 'node:path';
import { digestOfOutputs, digestOfSources } from './fingerprint.mjs';
import { repositoryRoot } from './folders.mjs';
import { runCommand } from './run-command.mjs';
import { stage } from './stage.mjs';
import { unlessStamped } from './stamp.mjs';

const SOURCES = ['package-lock.json', 'package.json', 'prisma', 'prisma.config.mjs', 'libs', 'apps', 'tools/setup/generate.mjs'];

/** Everything that is written by a program rather than a person: Prisma's client, and what the script `generate` adds. */
export function generateCode() {
  return stage('Generated code', async (note) => {
    const generated = await unlessStamped('generate', fingerprint, async () => {
      await generatePrismaClient();
      if (hasScript('generate')) await runCommand('setup-generate', 'npm', ['run', 'generate'], { code: 'GENERATION_FAILED' });
    });
    note(generated ? 'written' : 'unchanged');
  });
}

function fingerprint() {
  return `${digestOfSources(SOURCES)} ${digestOfOutputs('generated', ['libs', 'apps'])}`;
}

/**
 * Prisma's command line fetches a native schema engine even where it needs none, from a host that is not everyone's to
 * reach. `generate` never starts it, so it is told of a program that would fail loudly if it were.
 */
async function generatePrismaClient() {
  await runCommand('setup-prisma-generate', path.join(repositoryRoot, 'node_modules/.bin/prisma'), ['generate'], {
    code: 'PRISMA_CLIENT_NOT_GENERATED',
    advice: 'If prisma/schema.prisma was changed, correct what the lines above name; else remove node_modules and run again.',
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: process.env.PRISMA_SCHEMA_ENGINE_BINARY ?? failingProgram(),
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  });
}

/** `false` lies in /bin on Linux and in /usr/bin on macOS. */
function failingProgram() {
  return process.platform === 'darwin' ? '/usr/bin/false' : '/bin/false';
}

function hasScript(name) {
  return name in (JSON.parse(readFileSync(path.join(repositoryRoot, 'package.json'), 'utf8')).scripts ?? {});
}
