import { type ParseArgsConfig, parseArgs } from 'node:util';

/** The command was not understood: exit 2, with a word on how it is used. */
export class WrongUse extends Error {}

/** Something outside the templates is missing, and the message says what: exit 1, without a stack. */
export class CannotGoOn extends Error {}

/** `parseArgs`, whose complaints are wrong use. */
export function readOptions<T extends NonNullable<ParseArgsConfig['options']>>(args: string[], options: T) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
      throw new WrongUse(error.message);
    }
    throw error;
  }
}

/** For commands that take exactly one. */
export function onlyPath(positionals: string[]): string {
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new WrongUse('Name one template: its file, or its folder.');
  return path;
}

export function needed(value: string | undefined, option: string, what: string): string {
  if (value === undefined) throw new WrongUse(`--${option} is missing: ${what}.`);
  return value;
}
