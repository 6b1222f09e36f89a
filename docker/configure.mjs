// Writes the configuration of api and worker against a running sandbox, and registers the organisation's webhook there:
// node docker/configure.mjs CONFIGURATION_FOLDER SANDBOX_FOLDER PUBLIC_URL
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { sealingKeyReference, writeConfiguration } from '../tools/run/configuration.mjs';
import { ensureOrganisationWebhook } from '../tools/run/organisation-webhook.mjs';
import { kubeconfigPath } from '../tools/run/sandbox.mjs';
import { writePrivateFile } from '../tools/run/secret-file.mjs';
import { makeFolder } from '../tools/setup/folders.mjs';
import { reportFailure } from '../tools/setup/report-failure.mjs';

try {
  await configure(...process.argv.slice(2));
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}

async function configure(home, sandboxFolder, publicUrl) {
  const sandbox = JSON.parse(readFileSync(path.join(sandboxFolder, 'sandbox.json'), 'utf8'));
  sealingKeyReference(home);
  const { file, webhookSecret } = writeConfiguration({ home, publicUrl, sandbox });
  // The worker gets this one file of the sandbox's, and nothing else of it.
  makeFolder(path.dirname(kubeconfigPath(home)), 0o700);
  writePrivateFile(kubeconfigPath(home), readFileSync(path.join(sandboxFolder, 'kubeconfig')));
  await ensureOrganisationWebhook({ github: sandbox.github, publicUrl, secret: webhookSecret });
  console.log(`${file} is written, and ${sandbox.github.url} sends its events to ${publicUrl}.`);
}
