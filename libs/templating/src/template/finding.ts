/** What is wrong, or doubtful, in a template; `path` is dotted as in `spec.steps.2.needs`. Lines and columns count from 1. */
export interface Finding {
  severity: 'error' | 'warning';
  code: string;
  path: string;
  message: string;
  file?: string;
  line?: number;
  column?: number;
}

export type FindingPath = readonly (string | number)[];

export function errorAt(path: FindingPath, code: string, message: string): Finding {
  return { severity: 'error', code, path: path.join('.'), message };
}

export function warningAt(path: FindingPath, code: string, message: string): Finding {
  return { severity: 'warning', code, path: path.join('.'), message };
}

/** A template that cannot be used; mend every finding of severity `error`. */
export class TemplateInvalid extends Error {
  constructor(
    readonly file: string,
    readonly findings: readonly Finding[],
  ) {
    super(
      `The template ${file} cannot be used:\n${findings
        .filter((found) => found.severity === 'error')
        .map(describe)
        .join('\n')}`,
    );
    this.name = 'TemplateInvalid';
  }
}

function describe(found: Finding): string {
  const at = found.line === undefined ? '' : `${found.line}:${found.column ?? 1} `;
  return `- ${at}${found.path ? `${found.path}: ` : ''}${found.message} (${found.code})`;
}
