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
  /** Values of versions before `version` that were asked to be kept, by their number. */
  earlier?: Record<number, string>;
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

/** A password that the gateway itself changes, in the database first and then here. */
export interface RotatedSecret extends ItemBase {
  type: 'ROTATED_SECRET';
  target: string;
  /** target: the login of the target itself, kept there. password: that of the user below. */
  rotator: 'target' | 'password';
  /** Whose login changes the password. */
  login: 'use-user-creds' | 'use-target-creds';
  username: string;
  password: string;
  passwordLength: number;
  auto: boolean;
  intervalDays: number;
  /** UTC */
  hour: number;
  rotatedAt: number;
  /** Absent: only when asked. */
  nextAt?: number;
  /** Of the last attempt; empty where it succeeded. */
  failure: string;
}

/** An encryption key whose customer fragment, where it has one, only the customer's own service can add. */
export interface DfcKey extends ItemBase {
  type: 'KEY';
  algorithm: string;
  fragment?: string;
}

export type Item = StaticSecret | DynamicSecret | RotatedSecret | DfcKey;

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
  /** Of whoever it was issued to. */
  subClaims?: Claims;
}

export interface Token {
  /** Name of the authentication method. */
  method: string;
  accessId: string;
  expiresAt: number;
  claims: Claims;
}

/** What an authentication method proved about its caller; associations may ask for some of it. */
export type Claims = Record<string, string[]>;

/** A way to log in. */
export interface AuthMethod {
  id: number;
  name: string;
  accessId: string;
  description: string;
  deleteProtection: boolean;
  /** Whether an association without sub-claims is refused. */
  forceSubClaims: boolean;
  /** Minutes; 0: the account's default. */
  tokenLife: number;
  createdAt: number;
  modifiedAt: number;
  rules: ApiKeyRules | JwtRules | KubernetesRules;
}

interface ApiKeyRules {
  type: 'api_key';
  key: string;
}

export interface JwtRules {
  type: 'oauth2';
  issuer: string;
  audience: string;
  jwksUri: string;
  /** Base64 of a key set, in place of a URL. */
  jwksJson: string;
  /** The claim that tells one caller from another. */
  uniqueIdentifier: string;
  clientIds: string[];
}

export interface KubernetesRules {
  type: 'k8s';
  audience: string;
  /** PEM; the gateway proves with the other half that it was told of the method. */
  publicKey: string;
  namespaces: string[];
  serviceAccounts: string[];
  pods: string[];
}

export interface Role {
  id: number;
  name: string;
  description: string;
  deleteProtection: boolean;
  rules: Rule[];
  createdAt: number;
  modifiedAt: number;
}

export interface Rule {
  type: RuleType;
  /** `*` stands for anything, slashes included. */
  path: string;
  capabilities: Capability[];
}

export type RuleType = 'item-rule' | 'target-rule' | 'role-rule' | 'auth-method-rule';
export type Capability = 'create' | 'read' | 'update' | 'delete' | 'list' | 'deny';

/** Who has a role: all who log in by the method and, where sub-claims are named, bring one of the values of each. */
export interface Association {
  id: string;
  role: string;
  method: string;
  subClaims: Claims;
  caseSensitive: boolean;
}

/** How the gateway asks a cluster whose a token is. */
export interface KubernetesAuthConfig {
  id: string;
  name: string;
  accessId: string;
  host: string;
  /** PEM */
  caCert: string;
  issuer: string;
  reviewerToken: string;
  /** Base64 of the private key that was given out when the method was made. */
  signingKey: string;
}
