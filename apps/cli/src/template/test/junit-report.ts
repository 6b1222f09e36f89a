import type { Result } from './test.js';

/** JUnit's XML, as every CI reads it: a suite per test file. */
export function junitReport(results: readonly Result[]): string {
  const files = [...new Set(results.map(({ file }) => file))];
  const suites = files.map((file) => suite(file, results.filter((result) => result.file === file)));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('\n')}\n</testsuites>\n`;
}

function suite(file: string, results: readonly Result[]): string {
  const failures = results.filter(({ problems }) => problems.length > 0).length;
  const time = results.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(1);
  const head = `  <testsuite name="${escaped(file)}" tests="${results.length}" failures="${failures}" time="${time}">`;
  return [head, ...results.map(testcase), '  </testsuite>'].join('\n');
}

function testcase({ template, name, seconds, problems, log }: Result): string {
  const open = `    <testcase classname="${escaped(template)}" name="${escaped(name)}" time="${seconds.toFixed(1)}"`;
  const [first] = problems;
  if (first === undefined) return `${open}/>`;
  return [
    `${open}>`,
    `      <failure message="${escaped(first)}">${escaped(problems.join('\n'))}</failure>`,
    `      <system-out>${escaped(log.join('\n'))}</system-out>`,
    '    </testcase>',
  ].join('\n');
}

/** XML 1.0 holds no other control characters, escaped or not. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '�')
    .replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);
}
