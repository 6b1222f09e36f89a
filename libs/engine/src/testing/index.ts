export * from './exercise-step.js';
export * from './memory-ledger.js';
export * from './step-rig.js';
