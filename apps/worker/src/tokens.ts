export const ENVIRONMENT = Symbol('environment');
export const COMPOSITION = Symbol('composition');
export const DATABASE = Symbol('database');
export const REDIS = Symbol('redis');
export const WORKER_OPTIONS = Symbol('worker options');
