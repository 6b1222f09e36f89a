/** What went wrong with the private MariaDB, under a stable code; the message says what to do next. */
export class MariaDbError extends Error {
  constructor(
    readonly code:
      | 'MARIADB_NOT_FOUND'
      | 'MARIADB_NO_USER'
      | 'MARIADB_INSTALL_FAILED'
      | 'MARIADB_START_FAILED'
      | 'MARIADB_REFUSED'
      | 'SCHEMA_TAKEN',
    message: string,
  ) {
    super(message);
    this.name = 'MariaDbError';
  }
}
