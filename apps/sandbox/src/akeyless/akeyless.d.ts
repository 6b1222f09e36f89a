/** The part of the official SDK, which ships without types, that the specs use. Its model classes fill in the API's defaults. */
declare module 'akeyless' {
  interface Model {
    constructFromObject(fields: Record<string, unknown>): object;
  }

  export class ApiClient {
    constructor(basePath: string);
  }

  type Call = (body: object) => Promise<Record<string, unknown>>;

  /** Each method rejects with a plain object `{ status, body, response, error }`. */
  export class V2Api {
    constructor(client: ApiClient);
    auth: Call;
    authMethodCreateApiKey: Call;
    authMethodCreateK8s: Call;
    authMethodCreateOauth2: Call;
    authMethodDelete: Call;
    authMethodGet: Call;
    assocRoleAuthMethod: Call;
    createDFCKey: Call;
    deleteRoleAssociation: Call;
    deleteRoleRule: Call;
    gatewayCreateK8SAuthConfig: Call;
    getRole: Call;
    getRotatedSecretValue: Call;
    rotateSecret: Call;
    rotatedSecretCreateMysql: Call;
    rotatedSecretDelete: Call;
    setRoleRule: Call;
    updateAssoc: Call;
    updateSecretVal: Call;
    validateToken: Call;
    targetCreateDB: Call;
    targetGet: Call;
    targetGetDetails: Call;
    targetList: Call;
    targetDelete: Call;
    dynamicSecretCreateMySql: Call;
    dynamicSecretGet: Call;
    dynamicSecretList: Call;
    dynamicSecretDelete: Call;
    dynamicSecretGetValue: Call;
    dynamicSecretTmpCredsGet(body: object): Promise<Record<string, unknown>[]>;
    dynamicSecretTmpCredsDelete: Call;
    dynamicSecretTmpCredsUpdate: Call;
    describeItem: Call;
    listItems: Call;
    createSecret: Call;
    getSecretValue: Call;
    deleteItem: Call;
    listRoles: Call;
    createRole: Call;
  }

  export const DynamicSecretCreateMySql: Model;
  export const TargetCreateDB: Model;
}
