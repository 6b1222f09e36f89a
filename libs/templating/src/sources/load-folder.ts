import { resolve } from 'node:path';
import { type Finding, TemplateInvalid } from '../template/finding.js';
import { type LoadedTemplate, loadGoldenPath, packTemplate } from '../template/load-template.js';
import type { KnownSteps } from '../template/validate-template.js';

/** A folder of templates as it is, good or not. */
export interface LoadedFolder {
  digest: string;
  archive: Uint8Array;
  /** Empty where a finding is an error. */
  templates: LoadedTemplate[];
  findings: Finding[];
}

/** As `loadGoldenPath`, but what is wrong with the templates is in the answer. Throws only where the folder cannot be read. */
export async function loadFolder(folder: string, steps: KnownSteps): Promise<LoadedFolder> {
  const { digest, bytes: archive } = await packTemplate(resolve(folder));
  try {
    const templates = await loadGoldenPath(folder, steps);
    const findings = templates.flatMap((template) => template.findings);
    if (templates.length > 0) return { digest, archive, templates, findings };
  } catch (error) {
    if (error instanceof TemplateInvalid) return { digest, archive, templates: [], findings: [...error.findings] };
    if (!(error instanceof Error) || !error.message.startsWith('There is no template')) throw error;
  }
  const nothing = 'There is no template here: expected template.yaml, or <action>/template.yaml.';
  return { digest, archive, templates: [], findings: [{ severity: 'error', code: 'no_template', path: '', message: nothing }] };
}
