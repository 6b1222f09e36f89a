import type { TemplateFinding, TemplateVersionView } from '@slipway/contracts';
import type { Registry } from '@slipway/engine';
import { type Finding, type LoadedFolder, changedPaths, loadFolder } from '@slipway/templating';
import type { ActionRecord } from '../actions/action-store.js';
import type { NewVersion, TemplateSource, TemplateSourceStore } from './template-source-store.js';

export interface RefreshSourceDeps {
  sources: TemplateSourceStore;
  sourceReader: SourceReader;
  registry: Registry;
}

/** Gets at what a source holds now. */
export interface SourceReader {
  /** Null, and nothing fetched, where the repository is still at `knownCommit`. The folder lasts as long as `use`. */
  read<T>(
    source: TemplateSource,
    knownCommit: string | null,
    use: (folder: string, commit: TemplateVersionView['commit']) => Promise<T>,
  ): Promise<T | null>;
}

/**
 * Looks at a source. What is new becomes a version, and is offered if it is good and nobody chose another; a broken one
 * replaces nothing, and its findings can be seen. Where the source cannot be read, that is noted and thrown.
 */
export async function refreshSource(deps: RefreshSourceDeps, source: TemplateSource): Promise<void> {
  const { sources, sourceReader } = deps;
  try {
    const latest = await sources.latest(source.name);
    // What was broken may be right by now, for a step that has come to this installation.
    const known = latest?.broken ? null : (latest?.commit?.sha ?? null);
    await sourceReader.read(source, known, async (folder, commit) => {
      const loaded = await loadFolder(folder, deps.registry);
      const changes = await changedPaths(latest?.archive ?? null, loaded.archive);
      await sources.addVersion(source.name, await describeVersion(deps, source, { ...loaded, commit, changes }));
    });
    const offer = await sources.offerLatest(source.name);
    await sources.looked(source.name, offer.outcome === 'action_taken' ? `Another source offers "${offer.action}" by now.` : null);
  } catch (error) {
    await sources.looked(source.name, (error instanceof Error ? error.message : String(error)).slice(0, 2_000));
    throw error;
  }
}

async function describeVersion(
  { sources }: RefreshSourceDeps,
  source: TemplateSource,
  { digest, archive, commit, changes, templates, findings }: LoadedFolder & Pick<NewVersion, 'commit' | 'changes'>,
): Promise<NewVersion> {
  const actions = templates.map(
    ({ identifier, title, description, operation, blueprint, document, templatePath }): ActionRecord => ({
      ...{ identifier, title, description, operation, blueprint },
      template: { document, templatePath },
      templateDigest: digest,
    }),
  );
  const further = await misfits(sources, source, actions);
  const all = [...findings.map(toTemplateFinding), ...further];
  const broken = all.some(({ severity }) => severity === 'error');
  return { digest, archive, commit, changes, findings: all, actions: broken ? null : actions };
}

function toTemplateFinding({ severity, code, message, file, line, column }: Finding): TemplateFinding {
  return { severity, code, message, file, line, column };
}

/** What is right in itself and does not go with the rest of the installation. */
async function misfits(sources: TemplateSourceStore, source: TemplateSource, actions: ActionRecord[]): Promise<TemplateFinding[]> {
  const [taken, blueprints] = await Promise.all([
    sources.takenActions(source.name, actions.map(({ identifier }) => identifier)),
    sources.knownBlueprints(),
  ]);
  return actions.flatMap(({ identifier, blueprint, template }): TemplateFinding[] => [
    ...(taken.includes(identifier) ? [error('action_taken', template.templatePath, `Another source offers "${identifier}" already.`)] : []),
    ...(blueprints.includes(blueprint)
      ? []
      : [error('unknown_blueprint', template.templatePath, `There is no blueprint "${blueprint}"; there are: ${blueprints.join(', ')}.`)]),
  ]);
}

function error(code: string, file: string, message: string): TemplateFinding {
  return { severity: 'error', code, message, file };
}
