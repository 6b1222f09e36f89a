/**
 * As Argo CD matches policies and restrictions: `*` is anything, `?` one character, `{a,b}` either. With separators, `*` and `?`
 * stay between two of them and only `**` crosses them.
 */
export function globMatches(pattern: string, text: string, separators = ''): boolean {
  const within = separators === '' ? '.' : `[^${RegExp.escape(separators)}]`;
  const source = pattern.replace(/\*\*|\*|\?|\{[^{}]*\}|[^*?{}]+|[{}]/g, (part) => {
    if (part === '**') return '.*';
    if (part === '*') return `${within}*`;
    if (part === '?') return within;
    if (part.length > 1 && part.startsWith('{')) {
      const choices = part.slice(1, -1).split(',').map((choice) => RegExp.escape(choice));
      return `(?:${choices.join('|')})`;
    }
    return RegExp.escape(part);
  });
  return new RegExp(`^${source}$`, 's').test(text);
}
