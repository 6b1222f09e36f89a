/** Something from outside that steps may wait for, by its key. The body is kept and shown: nothing secret goes in. */
export interface NewSignal {
  key: string;
  body: Record<string, unknown>;
}
