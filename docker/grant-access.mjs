// Makes the passwords of PostgreSQL and MariaDB on first use, and writes what each side needs of them, into one volume for
// each: node docker/grant-access.mjs POSTGRES_FOLDER MARIADB_FOLDER MARIADB_ADDRESS
import { chmodSync } from 'node:fs';
import path from 'node:path';
import { keepSecret, secretFile, writePrivateFile } from '../tools/run/secret-file.mjs';

const [postgresFolder, mariadbFolder, mariadbAddress] = process.argv.slice(2);
grant(postgresFolder, (password) => `DATABASE_URL=postgresql://slipway:${password}@postgres:5432/slipway`);
grant(mariadbFolder, (password) => `SANDBOX_MYSQL_URL=mysql://root:${password}@${mariadbAddress}`);

/** `secrets/password` is for the database's own image, `environment` (as `node --env-file` reads it) for our programs. */
function grant(folder, variable) {
  const password = keepSecret(folder, 'password');
  // The database's image has a user of its own. As with Docker's own secrets, who may read it is who has the volume.
  chmodSync(path.join(folder, 'secrets'), 0o755);
  chmodSync(secretFile(folder, 'password'), 0o444);
  writePrivateFile(path.join(folder, 'environment'), `${variable(password)}\n`);
}
