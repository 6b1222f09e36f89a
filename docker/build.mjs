// Generates and builds in a checkout whose dependencies are installed already, as the image's layers have it.
import { build } from '../tools/setup/build.mjs';
import { generateCode } from '../tools/setup/generate.mjs';
import { reportFailure } from '../tools/setup/report-failure.mjs';

try {
  await generateCode();
  await build();
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
