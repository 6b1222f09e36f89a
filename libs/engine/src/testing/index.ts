export * from './exercise-step.js';
export * from './memory-ledger.js';
export * from './step-rig.js';
export * from './exercise-run-store.js';
export * from './memory-run-store.js';
export * from './start-sandbox.js';
