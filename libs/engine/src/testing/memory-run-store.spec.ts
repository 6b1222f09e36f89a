import { type RunStoreRig, exerciseRunStore } from './exercise-run-store.js';
import { MemoryRunStore } from './memory-run-store.js';

describe('MemoryRunStore', () => {
  exerciseRunStore((): RunStoreRig => rig);
});

const store = new MemoryRunStore();
const rig: RunStoreRig = {
  store,
  add: async (run, steps) => store.add(run, steps),
  tell: async (runId, kind, body) => store.tell(runId, kind, body),
  send: async (key, body) => store.send(key, body),
  pause: async (paused) => void (store.paused = paused),
  events: async (runId) => store.look(runId).events,
  expireLease: async (runId) => store.expireLease(runId),
  keepSecrets: async (runId, sealed) => store.keepSecrets(runId, sealed),
};
