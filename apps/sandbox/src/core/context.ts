import type { Clock } from './clock.js';
import type { Faults } from './faults.js';
import type { Ports } from './ports.js';
import type { Store } from './store.js';

/** What every stand-in is given. */
export interface SandboxContext {
  /** The data folder, absolute. Each stand-in keeps its files in a folder of its own name. */
  home: string;
  /** The address all listen on. */
  host: string;
  /** The name that URLs carry. */
  publicHost: string;
  /** The port each system listens on, known before any of them does. */
  ports: Ports;
  store: Store;
  clock: Clock;
  /** Those of requests are played in front of the stand-ins; those of things are theirs to ask for. */
  faults: Faults;
}
