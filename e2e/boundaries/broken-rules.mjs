import { readdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { cruise } from 'dependency-cruiser';
import config from '../../.dependency-cruiser.mjs';

// Prints, as JSON, which rules each folder of `examples` breaks. A process of its own, since rules go by the working folder.
const examples = path.join(import.meta.dirname, 'examples');
const broken = {};
for (const name of readdirSync(examples)) {
  const baseDir = path.join(examples, name);
  process.chdir(baseDir);
  const { output } = await cruise(['.'], { ...config.options, ruleSet: { forbidden: config.forbidden }, validate: true, baseDir });
  broken[name] = output.summary.violations.map(({ rule }) => rule.name);
}
console.log(JSON.stringify(broken));
