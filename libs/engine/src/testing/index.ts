export * from './exercise-run-store.js';
export * from './exercise-step.js';
export * from './failure-of.js';
export * from './memory-ledger.js';
export * from './memory-run-store.js';
export * from './sandbox-for-suite.js';
export { type SandboxDescription, startSandbox } from './start-sandbox.js';
export * from './step-of.js';
export * from './step-rig.js';
