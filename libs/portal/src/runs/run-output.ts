import { PlainUrl, type RunOutput, type RunView } from '@slipway/contracts';
import { type Evaluator, scopeOfRun } from '@slipway/engine';
import { evaluateOutput } from '@slipway/templating';
import type { RunReader } from './run-reader.js';

export interface RunOutputDeps {
  runs: RunReader;
  evaluator: Evaluator;
}

/**
 * Of a run that the caller has been shown; nothing until it has succeeded. Worked out from what is stored with the run, so it
 * is the same for as long as the run is kept, whatever becomes of its template.
 */
export async function runOutput({ runs, evaluator }: RunOutputDeps, run: Pick<RunView, 'id' | 'status'>): Promise<RunOutput> {
  const results = run.status === 'SUCCEEDED' ? await runs.results(run.id) : null;
  if (!results) return { links: [], text: [], values: {} };
  const { links, text, values } = evaluateOutput(results.output, evaluator, scopeOfRun(results.run, results.steps));
  return {
    links: links.map(withoutUnsafeUrl).filter(({ url, entityRef }) => url !== undefined || entityRef !== undefined),
    text: text.flatMap(({ content, ...note }) => (content === undefined ? [] : [{ ...note, content }])),
    values,
  };
}

/** Parts of an address may come from a form: what is no plain http address is not offered for a click. */
function withoutUnsafeUrl({ url, ...link }: RunOutput['links'][number]): RunOutput['links'][number] {
  return PlainUrl.safeParse(url).success ? { ...link, url } : link;
}
