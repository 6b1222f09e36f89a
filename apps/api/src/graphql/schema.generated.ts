
/*
 * -------------------------------------------------------
 * THIS FILE WAS AUTOMATICALLY GENERATED (DO NOT MODIFY)
 * -------------------------------------------------------
 */

/* tslint:disable */
/* eslint-disable */
export type RunStatus = "WAITING_FOR_APPROVAL" | "QUEUED" | "RUNNING" | "WAITING" | "UNDOING" | "SUCCEEDED" | "FAILED" | "CANCELLED" | "DECLINED";
export type StepStatus = "PENDING" | "RUNNING" | "WAITING" | "SUCCEEDED" | "FAILED" | "SKIPPED" | "CANCELLED" | "UNDOING" | "UNDONE" | "UNDO_FAILED";
export type Operation = "CREATE" | "DAY_2" | "DELETE";
export type EntityStatus = "creating" | "ready" | "failed" | "deleting";
export type ResourceState = "PLANNED" | "CREATED" | "REMOVED" | "KEPT" | "REMOVE_FAILED";
export type LogLevel = "debug" | "info" | "warn" | "error";

export interface RunFilter {
    action?: Nullable<string>;
    blueprint?: Nullable<string>;
    entity?: Nullable<string>;
    active?: Nullable<boolean>;
}

export interface RequestRunInput {
    action: string;
    properties?: Nullable<JSONObject>;
    secrets?: Nullable<JSONObject>;
    entity?: Nullable<string>;
    idempotencyKey?: Nullable<string>;
}

export interface RunEvent {
    seq: number;
    at: DateTime;
}

export interface IQuery {
    run(id: string): Nullable<Run> | Promise<Nullable<Run>>;
    runs(filter?: Nullable<RunFilter>, first?: Nullable<number>, after?: Nullable<string>): RunConnection | Promise<RunConnection>;
    entity(blueprint: string, id: string): Nullable<Entity> | Promise<Nullable<Entity>>;
    entities(blueprint: string, first?: Nullable<number>, after?: Nullable<string>): EntityConnection | Promise<EntityConnection>;
    actions(): Action[] | Promise<Action[]>;
    action(id: string): Nullable<Action> | Promise<Nullable<Action>>;
}

export interface IMutation {
    requestRun(input: RequestRunInput): Run | Promise<Run>;
    cancelRun(id: string): Run | Promise<Run>;
    retryRun(id: string, secrets?: Nullable<JSONObject>): Run | Promise<Run>;
}

export interface ISubscription {
    runEvents(id: string, after?: Nullable<number>): RunEvent | Promise<RunEvent>;
}

export interface Failure {
    code: string;
    message: string;
    remedy?: Nullable<string>;
}

export interface EntityRef {
    blueprint: string;
    identifier: string;
}

export interface Run {
    id: string;
    action: string;
    operation: Operation;
    entity: EntityRef;
    status: RunStatus;
    behind: string[];
    inputs: JSONObject;
    secrets: TypedSecret[];
    requestedBy: string;
    templateDigest: string;
    failure?: Nullable<Failure>;
    createdAt: DateTime;
    updatedAt: DateTime;
    endedAt?: Nullable<DateTime>;
    steps: Step[];
    output: RunOutput;
}

export interface TypedSecret {
    name: string;
    title: string;
}

export interface RunOutput {
    links: RunLink[];
    text: RunNote[];
    values: JSONObject;
}

export interface RunLink {
    title?: Nullable<string>;
    icon?: Nullable<string>;
    url?: Nullable<string>;
    entityRef?: Nullable<string>;
}

export interface RunNote {
    title?: Nullable<string>;
    icon?: Nullable<string>;
    content: string;
}

export interface Step {
    id: string;
    name: string;
    action: string;
    status: StepStatus;
    needs: string[];
    attempt: number;
    startedAt?: Nullable<DateTime>;
    endedAt?: Nullable<DateTime>;
    waitingFor?: Nullable<string>;
    failure?: Nullable<Failure>;
}

export interface RunConnection {
    nodes: Run[];
    pageInfo: PageInfo;
}

export interface PageInfo {
    hasNextPage: boolean;
    endCursor?: Nullable<string>;
}

export interface Entity {
    blueprint: string;
    identifier: string;
    title: string;
    team?: Nullable<string>;
    status: EntityStatus;
    properties: JSONObject;
    relations: JSONObject;
    links: EntityLink[];
    createdBy: string;
    createdAt: DateTime;
    updatedAt: DateTime;
}

export interface EntityLink {
    kind: string;
    title: string;
    url: string;
}

export interface EntityConnection {
    nodes: Entity[];
    pageInfo: PageInfo;
}

export interface Action {
    identifier: string;
    title: string;
    description: string;
    operation: Operation;
    blueprint: string;
    pages: JSONObject[];
    templateDigest: string;
}

export interface LogEvent extends RunEvent {
    seq: number;
    at: DateTime;
    line: number;
    stepId?: Nullable<string>;
    level: LogLevel;
    message: string;
}

export interface StepEvent extends RunEvent {
    seq: number;
    at: DateTime;
    stepId: string;
    name: string;
    status: StepStatus;
    attempt: number;
    waitingFor?: Nullable<string>;
    failure?: Nullable<Failure>;
}

export interface RunStatusEvent extends RunEvent {
    seq: number;
    at: DateTime;
    status: RunStatus;
    failure?: Nullable<Failure>;
}

export interface ResourceEvent extends RunEvent {
    seq: number;
    at: DateTime;
    resource: RunResource;
}

export interface RunResource {
    kind: string;
    externalId: string;
    stepId: string;
    state: ResourceState;
    title: string;
    url?: Nullable<string>;
    properties: JSONObject;
}

export type DateTime = string;
export type JSONObject = Record<string, unknown>;

export interface ISchema {
    Query: IQuery;
    Mutation: IMutation;
    Subscription: ISubscription;
}

type Nullable<T> = T | null;

export const schemaText = "\"\"\"\nSlipway over GraphQL, in its own words: statuses here are the engine's, while the REST door speaks Port's.\nTypes are generated from this file by `npm run generate -w apps/api`.\n\"\"\"\nschema {\n  query: Query\n  mutation: Mutation\n  subscription: Subscription\n}\n\n\"ISO 8601, UTC.\"\nscalar DateTime\n\nscalar JSONObject\n\ntype Query {\n  run(id: ID!): Run\n  \"Newest first. At most 100 a page.\"\n  runs(filter: RunFilter, first: Int = 20, after: String): RunConnection!\n  entity(blueprint: String!, id: String!): Entity\n  \"In order of identifier. At most 100 a page.\"\n  entities(blueprint: String!, first: Int = 20, after: String): EntityConnection!\n  actions: [Action!]!\n  action(id: ID!): Action\n}\n\ntype Mutation {\n  requestRun(input: RequestRunInput!): Run!\n  cancelRun(id: ID!): Run!\n  \"With `secrets`: those that are needed again, or that were wrong.\"\n  retryRun(id: ID!, secrets: JSONObject): Run!\n}\n\ntype Subscription {\n  \"A run's history from after that `seq` on, then live; completes after the run has ended.\"\n  runEvents(id: ID!, after: Int = 0): RunEvent!\n}\n\ninput RunFilter {\n  action: String\n  blueprint: String\n  entity: String\n  \"True: only runs that have not ended.\"\n  active: Boolean\n}\n\ninput RequestRunInput {\n  action: String!\n  properties: JSONObject\n  \"Secrets apart from the properties; a form sends its own among them.\"\n  secrets: JSONObject\n  \"The entity of a DAY-2 or DELETE action.\"\n  entity: String\n  \"As the REST door's Idempotency-Key.\"\n  idempotencyKey: String\n}\n\nenum RunStatus {\n  WAITING_FOR_APPROVAL\n  QUEUED\n  RUNNING\n  WAITING\n  UNDOING\n  SUCCEEDED\n  FAILED\n  CANCELLED\n  DECLINED\n}\n\nenum StepStatus {\n  PENDING\n  RUNNING\n  WAITING\n  SUCCEEDED\n  FAILED\n  SKIPPED\n  CANCELLED\n  UNDOING\n  UNDONE\n  UNDO_FAILED\n}\n\nenum Operation {\n  CREATE\n  DAY_2\n  DELETE\n}\n\nenum EntityStatus {\n  creating\n  ready\n  failed\n  deleting\n}\n\nenum ResourceState {\n  PLANNED\n  CREATED\n  REMOVED\n  KEPT\n  REMOVE_FAILED\n}\n\nenum LogLevel {\n  debug\n  info\n  warn\n  error\n}\n\ntype Failure {\n  code: String!\n  message: String!\n  remedy: String\n}\n\ntype EntityRef {\n  blueprint: String!\n  identifier: String!\n}\n\ntype Run {\n  id: ID!\n  action: String!\n  operation: Operation!\n  entity: EntityRef!\n  status: RunStatus!\n  \"The runs of the same entity that go first, in their turn, at most 20 of them; none unless it is QUEUED.\"\n  behind: [ID!]!\n  inputs: JSONObject!\n  \"What was typed into secret fields, without the values.\"\n  secrets: [TypedSecret!]!\n  requestedBy: String!\n  templateDigest: String!\n  failure: Failure\n  createdAt: DateTime!\n  updatedAt: DateTime!\n  endedAt: DateTime\n  steps: [Step!]!\n  \"What it shows once it has succeeded; empty before.\"\n  output: RunOutput!\n}\n\ntype TypedSecret {\n  name: String!\n  \"As the form calls it.\"\n  title: String!\n}\n\ntype RunOutput {\n  links: [RunLink!]!\n  text: [RunNote!]!\n  \"The template's own further keys.\"\n  values: JSONObject!\n}\n\ntype RunLink {\n  title: String\n  icon: String\n  \"Of an http address; absent where the link leads to an entity alone.\"\n  url: String\n  entityRef: String\n}\n\ntype RunNote {\n  title: String\n  icon: String\n  content: String!\n}\n\ntype Step {\n  id: String!\n  name: String!\n  action: String!\n  status: StepStatus!\n  needs: [String!]!\n  attempt: Int!\n  startedAt: DateTime\n  endedAt: DateTime\n  waitingFor: String\n  failure: Failure\n}\n\ntype RunConnection {\n  nodes: [Run!]!\n  pageInfo: PageInfo!\n}\n\ntype PageInfo {\n  hasNextPage: Boolean!\n  \"Where the next page starts, for `after`.\"\n  endCursor: String\n}\n\ntype Entity {\n  blueprint: String!\n  identifier: String!\n  title: String!\n  team: String\n  status: EntityStatus!\n  properties: JSONObject!\n  relations: JSONObject!\n  \"There from the moment the resource is.\"\n  links: [EntityLink!]!\n  createdBy: String!\n  createdAt: DateTime!\n  updatedAt: DateTime!\n}\n\ntype EntityLink {\n  kind: String!\n  title: String!\n  url: String!\n}\n\ntype EntityConnection {\n  nodes: [Entity!]!\n  pageInfo: PageInfo!\n}\n\ntype Action {\n  identifier: String!\n  title: String!\n  description: String!\n  operation: Operation!\n  blueprint: String!\n  \"The form, one JSON Schema a page.\"\n  pages: [JSONObject!]!\n  templateDigest: String!\n}\n\ninterface RunEvent {\n  seq: Int!\n  at: DateTime!\n}\n\ntype LogEvent implements RunEvent {\n  seq: Int!\n  at: DateTime!\n  line: Int!\n  stepId: String\n  level: LogLevel!\n  message: String!\n}\n\ntype StepEvent implements RunEvent {\n  seq: Int!\n  at: DateTime!\n  stepId: String!\n  name: String!\n  status: StepStatus!\n  attempt: Int!\n  waitingFor: String\n  failure: Failure\n}\n\ntype RunStatusEvent implements RunEvent {\n  seq: Int!\n  at: DateTime!\n  status: RunStatus!\n  failure: Failure\n}\n\ntype ResourceEvent implements RunEvent {\n  seq: Int!\n  at: DateTime!\n  resource: RunResource!\n}\n\ntype RunResource {\n  kind: String!\n  externalId: String!\n  stepId: String!\n  state: ResourceState!\n  title: String!\n  url: String\n  properties: JSONObject!\n}\n";
