import { CannotGoOn, WrongUse } from './wrong-use.js';

type Command = (args: string[]) => Promise<number>;

/** Loaded when asked for: the engine and every provider are not needed to draw a graph. */
const templateCommands: Record<string, () => Promise<Command>> = {
  validate: async () => (await import('./template/validate.js')).validate,
  render: async () => (await import('./template/render.js')).render,
  'dry-run': async () => (await import('./template/dry-run.js')).dryRun,
  graph: async () => (await import('./template/graph.js')).graph,
  test: async () => (await import('./template/test/test.js')).test,
};

const usage = `slipway template validate PATH…
slipway template render PATH --values FILE [--secrets FILE] --out DIR
slipway template dry-run PATH --values FILE [--secrets FILE]
slipway template graph PATH
slipway template test PATH

PATH is a template.yaml, its folder, or a folder of templates. Options:
  --json          for machines (validate, dry-run, graph, test)
  --action NAME   which template, where PATH holds several (render, dry-run)
  --values FILE   what the form would send, YAML or JSON (render, dry-run)
  --secrets FILE  secrets that the form would send, where they do not lie with the values (render, dry-run);
                  checked, and shown nowhere
  --out DIR       where the files go; must be empty or absent (render)
  --content       show what the files hold (dry-run)
  --entity NAME   the entity that a DAY-2 or DELETE template is asked for (render, dry-run)
  --config FILE   an installation's configuration: check against its steps (validate, dry-run),
                  and look at its systems for what is there already (dry-run)
  --case NAME     only that case (test)
  --junit FILE    write a JUnit report (test)
Exit status: 0 all is well, 1 errors or failed cases, 2 the command was not understood.
`;

/** Runs one command line; answers the exit status. */
export async function main(args: string[]): Promise<number> {
  try {
    if (args.includes('--help') || args.includes('-h')) {
      process.stdout.write(usage);
      return 0;
    }
    const [group, name, ...rest] = args;
    const load = group === 'template' && name !== undefined && Object.hasOwn(templateCommands, name) ? templateCommands[name] : undefined;
    if (!load) throw new WrongUse(args.length === 0 ? 'No command was given.' : `There is no command "${args.slice(0, 2).join(' ')}".`);
    return await (await load())(rest);
  } catch (error) {
    if (error instanceof CannotGoOn) {
      process.stderr.write(`${error.message}\n`);
      return 1;
    }
    if (!(error instanceof WrongUse)) throw error;
    process.stderr.write(`${error.message}\n\n${usage}`);
    return 2;
  }
}
