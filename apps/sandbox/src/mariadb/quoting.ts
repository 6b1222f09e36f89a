/** A text literal for where no driver can quote: the server's init file. */
export function quoteText(text: string): string {
  if (text.includes('\\') || text.includes('\0')) throw new RangeError('A backslash or NUL cannot be quoted for SQL here.');
  return `'${text.replaceAll("'", "''")}'`;
}

export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** A schema as GRANT wants it: there `_` and `%` are wildcards unless escaped, so `a_b` would also grant on `axb`. */
export function quoteSchemaPattern(schema: string): string {
  return quoteName(schema.replace(/[\\_%]/g, (wildcard) => `\\${wildcard}`));
}
