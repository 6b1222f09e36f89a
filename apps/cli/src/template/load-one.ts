import path from 'node:path';
import { type LoadedTemplate, TemplateInvalid, loadTemplate } from '@slipway/templating';
import { WrongUse } from '../wrong-use.js';
import { type TemplatePlace, findTemplates } from './find-templates.js';
import { findingLine, findingOf } from './print-finding.js';

export interface FoundTemplate {
  place: TemplatePlace;
  template: LoadedTemplate;
}

/**
 * The one template at a path, or the one of several that `action` names. Undefined where it has errors; they have been
 * said. Actions that nobody here has are no reason not to load it: a plan says of each that it would fail.
 */
export async function loadOne(given: string, action: string | undefined): Promise<FoundTemplate | undefined> {
  try {
    const loaded = (await Promise.all((await findTemplates(given)).map(load))).filter(
      ({ template }) => action === undefined || template.identifier === action,
    );
    const [only, ...more] = loaded;
    if (!only) throw new WrongUse(`There is no template "${action}" in ${given}.`);
    if (more.length === 0) return only;
    throw new WrongUse(`${given} holds several templates: say --action ${loaded.map(({ template }) => template.identifier).join(', or --action ')}.`);
  } catch (error) {
    if (!(error instanceof TemplateInvalid)) throw error;
    for (const found of error.findings) process.stderr.write(`${findingLine(findingOf(found, path.relative('', error.file)))}\n`);
    return undefined;
  }
}

async function load(place: TemplatePlace): Promise<FoundTemplate> {
  return { place, template: await loadTemplate(place.root, place.templatePath) };
}
