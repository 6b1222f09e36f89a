/**
 * The part of the official SDK (5.0.23, which ships no types) that we use. Requests are sent as given: the SDK's model
 * classes would add fields we do not mean, such as `mysql-host: 127.0.0.1`.
 */
declare module 'akeyless' {
  export class ApiClient {
    /** What the SDK's models make of an answer. */
    deserialize(answer: { status: number; body: unknown; text: string }, returnType: unknown): unknown;
  }

  /** What the SDK sends each call by. Of its arguments we use the first two, the body (7th) and the type of the answer (11th). */
  export interface Sender {
    callApi(path: string, method: string, ...rest: unknown[]): Promise<{ data: unknown }>;
  }

  /** Each method posts its argument, and rejects with what its sender rejects with. */
  export class V2Api {
    constructor(sender: Sender);
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
