import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { extname, join, matchesGlob, relative, sep } from 'node:path';
import { StepError, takingTurns } from '@slipway/engine';

interface ContentRules {
  /** Globs of files whose placeholders are meant to stay, in their names too. */
  allowPlaceholders: readonly string[];
  /** Whether a text holds a secret that this process knows. */
  holdsSecret: (text: string) => boolean;
  signal: AbortSignal;
}

interface Fault {
  file: string;
  /** Absent: in its name. */
  line?: number;
  what: string;
}

/** What is larger is looked through for the secrets that we know, not for those that look like one. */
const scannedBytes = 5 * 1024 * 1024;
const shownFaults = 10;

/**
 * Looks at every file of a folder before it is pushed. Faults name file and line, never a value.
 *
 * @throws StepError where a placeholder was left unfilled, or a file holds a secret.
 */
export async function checkContent(folder: string, rules: ContentRules): Promise<void> {
  const unfilled: Fault[] = [];
  const secret: Fault[] = [];
  const pause = takingTurns();
  for (const { file, isLink } of await entriesIn(folder)) {
    await pause();
    rules.signal.throwIfAborted();
    const mayHold = mayHoldPlaceholders(file, rules);
    if (!mayHold) unfilled.push(...placeholderInName(file));
    // Pushed as a link: what it leads to is no content of its own.
    if (isLink) continue;
    const text = readFileSync(join(folder, file), 'utf8');
    secret.push(...(await secretsIn(file, text, rules)));
    if (!mayHold) unfilled.push(...placeholdersIn(file, text));
  }
  if (secret.length > 0) throw refused('github_push_secret', 'it holds secrets', secret, secretRemedy);
  if (unfilled.length > 0) throw refused('github_push_unresolved', 'something was never filled in', unfilled, placeholderRemedy);
}

const secretRemedy =
  'Take them out of the template: what it generates gets its secrets where it runs. One that only looks like a secret is let ' +
  'through by a comment with "secretlint-disable-line" on its line.';
const placeholderRemedy =
  'Let fetch:template render these files, or give the values they ask for. What is meant to stay is named by a glob in allowPlaceholders.';

interface Entry {
  /** Relative, with slashes. */
  file: string;
  isLink: boolean;
}

/** What git would push, in the order of names. */
async function entriesIn(folder: string): Promise<Entry[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => ({ file: relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'), isLink: entry.isSymbolicLink() }))
    .filter(({ file }) => !/(^|\/)\.git\//.test(file))
    .sort((one, other) => (one.file < other.file ? -1 : 1));
}

async function secretsIn(file: string, text: string, { holdsSecret }: ContentRules): Promise<Fault[]> {
  const known = holdsSecret(text) ? [{ file, line: lineOf(text, holdsSecret), what: 'a secret that this installation uses' }] : [];
  if (text.length > scannedBytes || text.slice(0, 8_000).includes('\0')) return known;
  return [...known, ...(await likelySecretsIn(file, text))];
}

/**
 * Most files of a golden path are the same for each app, and to look through one takes 300 µs: found clean under this name, with this
 * content, by the rules of this process, it would be found so again.
 */
const foundClean = new Set<string>();
const mostRemembered = 10_000;

/** What looks like a secret. */
async function likelySecretsIn(file: string, text: string): Promise<Fault[]> {
  const digest = hash('sha256', `${file}\0${text}`, 'base64');
  if (foundClean.has(digest)) return [];
  const { lintSource, config } = await (loaded ??= loadRules());
  const { messages } = await lintSource({
    source: { filePath: file, content: text, ext: extname(file), contentType: 'text' },
    options: { noPhysicFilePath: true, maskSecrets: true, config },
  });
  // Not what it says: some of its messages quote what they found.
  const found = messages.map(({ ruleId, loc }) => ({ file, line: loc.start.line, what: ruleId.replace(/^@secretlint\/secretlint-rule-/, '') }));
  if (foundClean.size >= mostRemembered) foundClean.clear();
  if (found.length === 0) foundClean.add(digest);
  return found;
}

/** Loaded by whoever pushes something first: a megabyte of patterns that no other step needs. */
let loaded: ReturnType<typeof loadRules> | undefined;

async function loadRules() {
  const [{ lintSource }, { creator: rule }, { secretLintProfiler }] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/secretlint-rule-preset-recommend'),
    import('@secretlint/profiler'),
  ]);
  // It would take longer than the search, and keep a measurement of each rule and file for as long as this process lives.
  secretLintProfiler.setEnabled(false);
  return { lintSource, config: { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule }] } };
}

/** 1 where it spans lines. */
function lineOf(text: string, holds: (text: string) => boolean): number {
  return Math.max(1, text.split('\n').findIndex(holds) + 1);
}

function mayHoldPlaceholders(file: string, { allowPlaceholders }: ContentRules): boolean {
  return allowPlaceholders.some((glob) => matchesGlob(file, glob));
}

/**
 * `${{ … }}` of skeletons; `{{NAME}}` and `{{ cookiecutter.x }}` of older ones, which Helm, Jinja and Go templates never write in
 * capitals; and what says itself that it is to be replaced.
 */
const placeholder = /\$\{\{.*?\}\}|\{\{-?\s*(?:[A-Z][A-Z0-9_]{2,}|cookiecutter\.\w+)\s*-?\}\}|\b(?:CHANGE_?ME|REPLACE_?ME)\b/g;

function placeholdersIn(file: string, text: string): Fault[] {
  const isForGithub = /^\.github\/|(^|\/)action\.ya?ml$/.test(file);
  return text.split('\n').flatMap((line, index) => {
    const found = line.match(placeholder)?.find((each) => !(isForGithub && githubsOwn.test(each)));
    return found === undefined ? [] : [{ file, line: index + 1, what: found.slice(0, 60) }];
  });
}

/** What GitHub fills in begins with one of its contexts, a call of one of its functions, or a literal. */
const githubsOwn = new RegExp(
  String.raw`^\$\{\{[\s!(]*(?:` +
    String.raw`(?:github|env|vars|jobs?|steps|runner|secrets|strategy|matrix|needs|inputs)\b(?!\s*\()|` +
    String.raw`(?:contains|startsWith|endsWith|format|join|toJSON|fromJSON|hashFiles|case|success|always|cancelled|failure)\s*\(|` +
    String.raw`'|[-+]?\.?\d|(?:true|false|null)\b)`,
  'i',
);

/** Those of conditions too, which no name but a skeleton's has. */
function placeholderInName(file: string): Fault[] {
  const found = file.match(placeholder)?.[0] ?? /\{%.*?%\}/.exec(file)?.[0];
  return found === undefined ? [] : [{ file, what: `${found.slice(0, 60)} in its name` }];
}

function refused(code: string, why: string, faults: readonly Fault[], remedy: string): StepError {
  const shown = faults.slice(0, shownFaults).map(({ file, line, what }) => `${file}${line === undefined ? '' : `:${line}`} (${what})`);
  const more = faults.length > shownFaults ? `, and ${faults.length - shownFaults} more` : '';
  return new StepError('fatal', code, `It is not pushed, because ${why}: ${shown.join(', ')}${more}.`, { remedy });
}
