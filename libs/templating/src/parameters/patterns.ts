import { createContext, Script } from 'node:vm';
import { RE2JS, RE2JSSyntaxException } from 're2js';

/** What a text is to a pattern; `too slow`: it could not be said in reasonable time. */
export type MatchOutcome = boolean | 'too slow';

export interface CompiledPattern {
  /** Time grows with the text alone. Otherwise every match is watched, and stopped when it takes too long. */
  linear: boolean;
  match(text: string): MatchOutcome;
}

const kept = new Map<string, CompiledPattern | null>();
const mostKept = 2_000;

/** Null for what is no regular expression. Look-ahead and back references exist in the watched engine only. */
export function compilePattern(source: string): CompiledPattern | null {
  const known = kept.get(source);
  if (known !== undefined) return known;
  const compiled = isRegExp(source) ? (linearPattern(source) ?? watchedPattern(source)) : null;
  const oldest = kept.keys().next();
  if (kept.size >= mostKept && !oldest.done) kept.delete(oldest.value);
  kept.set(source, compiled);
  return compiled;
}

function linearPattern(source: string): CompiledPattern | null {
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(source), RE2JS.LOOKBEHINDS);
    return { linear: true, match: (text) => compiled.test(text) };
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return null;
    throw error;
  }
}

function watchedPattern(source: string): CompiledPattern {
  const flags = flagsOf(source) ?? '';
  return { linear: false, match: (text) => watchedMatch(source, flags, text) };
}

const longestMatchMs = 100;
const longestMatchesMs = 300;
let spentMs = 0;

/** All watched matches from here on may together take so long; what comes after that is too slow. */
export function allowMatchingTime(): void {
  spentMs = 0;
}

const matching = createContext({ pattern: '', flags: '', text: '' });
const match = new Script('new RegExp(pattern, flags).test(text)');

/** In a context of its own, since only a script can be stopped in the middle of a match. */
function watchedMatch(pattern: string, flags: string, text: string): MatchOutcome {
  const left = Math.floor(Math.min(longestMatchMs, longestMatchesMs - spentMs));
  if (left < 1) return 'too slow';
  const begun = performance.now();
  try {
    Object.assign(matching, { pattern, flags, text });
    return match.runInContext(matching, { timeout: left }) === true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'too slow';
    throw error;
  } finally {
    spentMs += performance.now() - begun;
  }
}

function isRegExp(source: string): boolean {
  return flagsOf(source) !== null;
}

/** The flags a pattern compiles with, `u` where it can; null when it compiles with none. */
function flagsOf(source: string): string | null {
  for (const flags of ['u', '']) {
    try {
      new RegExp(source, flags);
      return flags;
    } catch {
      continue;
    }
  }
  return null;
}
