/**
 * Whether an error says that PostgreSQL or Redis cannot be reached just now, as against one that a query caused.
 * SQLSTATE class 08, 53300 and 57P0x: https://www.postgresql.org/docs/current/errcodes-appendix.html;
 * P1xxx and P2024: https://www.prisma.io/docs/orm/reference/error-reference
 */
export function isDependencyDown(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = causeOf(cause), depth += 1) {
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
    if (down.test(code) || downMessages.test(cause.message)) return true;
  }
  return false;
}

const down = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EPIPE|ETIMEDOUT|08...|53300|57P0[123]|P1001|P1002|P1008|P1017|P2024)$/;

/** Errors of node-postgres and ioredis that carry no code. */
const downMessages =
  /^(Connection terminated|timeout exceeded when trying|Connection is closed|Stream isn't writeable|Reached the max retries)/;

function causeOf(error: Error): unknown {
  if (error instanceof AggregateError) return error.errors[0];
  return error.cause;
}
