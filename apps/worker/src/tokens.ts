export const ENVIRONMENT = Symbol('environment');
export const COMPOSITION = Symbol('composition');
export const DATABASE = Symbol('database');
export const REDIS = Symbol('redis');
