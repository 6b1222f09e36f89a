import { compilePlan, graphOf } from '@slipway/templating';
import { onlyPath, readOptions } from '../wrong-use.js';
import { loadOne } from './load-one.js';

/** Which step waits for which, as a Mermaid flowchart. */
export async function graph(args: string[]): Promise<number> {
  const { values, positionals } = readOptions(args, { json: { type: 'boolean' }, action: { type: 'string' } });
  const found = await loadOne(onlyPath(positionals), values.action);
  if (!found) return 1;
  const plan = compilePlan(found.template);
  const edges = graphOf(plan);
  if (values.json) {
    const steps = plan.steps.map(({ id, name, action }) => ({ id, name, action }));
    process.stdout.write(`${JSON.stringify({ steps, edges }, null, 2)}\n`);
    return 0;
  }
  // A step may be called `end` or `class`, which Mermaid keeps for itself.
  const node = (id: string): string => `step_${id.replaceAll('-', '_')}_${plan.steps.findIndex((step) => step.id === id)}`;
  const lines = [
    'flowchart TD',
    ...plan.steps.map(({ id, name, action }) => `  ${node(id)}["${escaped(name)}<br/><small>${escaped(action)}</small>"]`),
    ...edges.map(({ from, to }) => `  ${node(from)} --> ${node(to)}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

function escaped(text: string): string {
  return text.replace(/[&"<>#;\n]/g, (character) => (character === '\n' ? ' ' : `#${character.codePointAt(0)};`));
}
