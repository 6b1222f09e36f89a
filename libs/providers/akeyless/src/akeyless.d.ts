/**
 * The part of the official SDK (5.0.23, which ships no types) that we use. Requests are sent as given: the SDK's model
 * classes would add fields we do not mean, such as `mysql-host: 127.0.0.1`.
 */
declare module 'akeyless' {
  /** A superagent request. */
  export interface SdkRequest {
    abort(): unknown;
    redirects(max: number): unknown;
    on(event: 'end' | 'error', listener: () => void): unknown;
  }

  export class ApiClient {
    constructor(basePath: string);
    /** In ms; 0: none. */
    timeout: number;
    requestAgent: import('node:http').Agent | null;
    plugins: ((request: SdkRequest) => void)[] | null;
    defaultHeaders: Record<string, string>;
  }

  /** Each method posts its argument, and rejects with a plain object `{ status?, body?, error }` that is no Error. */
  export class V2Api {
    constructor(client: ApiClient);
    auth(body: Record<string, unknown>): Promise<unknown>;
    validateToken(body: Record<string, unknown>): Promise<unknown>;
    targetCreateDB(body: Record<string, unknown>): Promise<unknown>;
    targetGet(body: Record<string, unknown>): Promise<unknown>;
    targetDelete(body: Record<string, unknown>): Promise<unknown>;
    dynamicSecretCreateMySql(body: Record<string, unknown>): Promise<unknown>;
    dynamicSecretGet(body: Record<string, unknown>): Promise<unknown>;
    dynamicSecretDelete(body: Record<string, unknown>): Promise<unknown>;
    dynamicSecretGetValue(body: Record<string, unknown>): Promise<unknown>;
    dynamicSecretTmpCredsGet(body: Record<string, unknown>): Promise<unknown>;
    dynamicSecretTmpCredsDelete(body: Record<string, unknown>): Promise<unknown>;
    describeItem(body: Record<string, unknown>): Promise<unknown>;
    rotatedSecretCreateMysql(body: Record<string, unknown>): Promise<unknown>;
    rotatedSecretDelete(body: Record<string, unknown>): Promise<unknown>;
    rotateSecret(body: Record<string, unknown>): Promise<unknown>;
    createRole(body: Record<string, unknown>): Promise<unknown>;
    getRole(body: Record<string, unknown>): Promise<unknown>;
    deleteRole(body: Record<string, unknown>): Promise<unknown>;
    setRoleRule(body: Record<string, unknown>): Promise<unknown>;
    deleteRoleRule(body: Record<string, unknown>): Promise<unknown>;
    assocRoleAuthMethod(body: Record<string, unknown>): Promise<unknown>;
    deleteRoleAssociation(body: Record<string, unknown>): Promise<unknown>;
    getRotatedSecretValue(body: Record<string, unknown>): Promise<unknown>;
    getSecretValue(body: Record<string, unknown>): Promise<unknown>;
  }
}
