import type { Finding } from '@slipway/templating';

/** A finding as `--json` shows it; the shape is held on to by other programs. */
export interface PrintedFinding {
  severity: 'error' | 'warning';
  code: string;
  message: string;
  file: string;
  line: number;
  column: number;
}

export function findingOf({ severity, code, message, line = 1, column = 1 }: Finding, file: string): PrintedFinding {
  return { severity, code, message, file, line, column };
}

/** As compilers write it, so that editors and terminals make it a link. */
export function findingLine({ severity, code, message, file, line, column }: PrintedFinding): string {
  return `${file}:${line}:${column}: ${severity}: ${message} (${code})`;
}
