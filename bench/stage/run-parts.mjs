import process from 'node:process';

/** Has `perform` do each part that the command line names, in the order of `parts`; all where it names none. */
export async function runParts(parts, perform) {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((name) => !Object.hasOwn(parts, name));
  if (unknown.length > 0) {
    console.error(`There is no part ${unknown.join(', ')} of this benchmark. Use some of: ${Object.keys(parts).join(', ')}.`);
    process.exit(2);
  }
  for (const [name, part] of Object.entries(parts)) {
    if (asked.length === 0 || asked.includes(name)) await perform(part);
  }
}
