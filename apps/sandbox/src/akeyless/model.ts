/** What the account holds. Names are full paths with a leading slash; times are sandbox milliseconds. */
export interface Target {
  id: number;
  name: string;
  dbType: string;
  /** Sent as `description`, answered as `comment`. */
  description: string;
  host: string;
  port: string;
  user: string;
  password: string;
  database: string;
  ssl: boolean;
  key: string;
  version: number;
  createdAt: number;
  modifiedAt: number;
}

interface ItemBase {
  id: number;
  name: string;
  /** Sent as `description`, answered as `item_metadata`. */
  description: string;
  tags: string[];
  deleteProtection: boolean;
  key: string;
  version: number;
  createdAt: number;
  modifiedAt: number;
}

export interface StaticSecret extends ItemBase {
  type: 'STATIC_SECRET';
  value: string;
  format: string;
}

export interface DynamicSecret extends ItemBase {
  type: 'DYNAMIC_SECRET';
  /** Name of the target; absent: the connection is the secret's own. */
  target?: string;
  connection?: Connection;
  creation: string;
  revocation: string;
  /** Minutes. */
  ttl: number;
  passwordLength: number;
  usernameTemplate: string;
  active: boolean;
  failure: string;
}

export type Item = StaticSecret | DynamicSecret;

/** How the gateway logs in to a database. */
export interface Connection {
  host: string;
  port: string;
  user: string;
  password: string;
  database: string;
}

/** A temporary user that lives in a database. */
export interface Lease {
  id: string;
  secret: string;
  user: string;
  host: string;
  accessId: string;
  createdAt: number;
  expiresAt: number;
  /** Minutes. */
  ttl: number;
}

export interface Token {
  accessId: string;
  expiresAt: number;
}

/** An access key and what it may do. */
export interface Access {
  id: string;
  key: string;
  role: string;
  rules: Rule[];
}

export interface Rule {
  /** A path, or a prefix that ends in `/*`. */
  path: string;
  capabilities: Capability[];
}

export type Capability = 'create' | 'read' | 'update' | 'delete' | 'list';
