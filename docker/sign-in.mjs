// Prints a link that signs the developer of the configuration in once: node docker/sign-in.mjs CONFIGURATION_FOLDER
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { DEVELOPER } from '../tools/run/configuration.mjs';
import { readSecret } from '../tools/run/secret-file.mjs';
import { accessToken, signInLink } from '../tools/run/sign-in-link.mjs';
import { reportFailure } from '../tools/setup/report-failure.mjs';

try {
  console.log(await link(process.argv[2]));
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}

async function link(home) {
  const { publicUrl: url, clients: [client] } = parse(readFileSync(path.join(home, 'config.yaml'), 'utf8'));
  const token = await accessToken({ url, clientId: client.id, clientSecret: readSecret(home, 'client-secret') });
  return signInLink({ url, token, email: DEVELOPER.email });
}
