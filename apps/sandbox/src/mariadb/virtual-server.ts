/**
 * A database server that an imaginary cluster runs as a StatefulSet. It has its own schema and accounts as far as its clients
 * can tell; in truth all of them share one MariaDB, so every account has a real name of its own (see README.md).
 */
export interface VirtualServer {
  /** NAMESPACE/STATEFULSET */
  id: string;
  schema?: string;
  /** Whether schema and accounts are all there. From then on its environment changes nothing, as with the images' data folder. */
  initialised: boolean;
  /** By the name that the StatefulSet's environment gives, such as `root`. */
  accounts: Record<string, VirtualAccount>;
}

export interface VirtualAccount {
  /** The name that logs in to the MariaDB. */
  user: string;
  /** May create users and pass its privileges on. Others have all privileges on the schema, as the images' MYSQL_USER. */
  administrator: boolean;
}

/** What a database image's environment asks for. Passwords are held no longer than it takes to create the accounts. */
export interface VirtualServerRequest {
  id: string;
  schema?: string;
  accounts: { name: string; password: string; administrator: boolean }[];
}
