import { type Lease, LeaseLost, type RunChange } from '@slipway/engine';
import type pg from 'pg';
import { isRefusal } from '../is-refusal.js';
import { inTransaction } from '../portal/in-transaction.js';
import { type Write, shapeOf, signalKeys, statementFor } from './change-statement.js';

/** Statements of one process under way at a time. One would leave the worker idle while the database works, and many share less. */
const lanes = 2;
/** What a statement takes on: it must not become so long that one run waits for the log of another. */
const mostWrites = 32;
const mostEvents = 1_000;

interface Waiting extends Write {
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Records changes of runs, each in full or not at all, and only while its lease is held. What several runs have to record at
 * the same time travels in one statement, which costs the database little more than one of them alone: the busier a worker,
 * the more they share, and an idle one shares nothing and waits for nothing.
 */
export class ChangeWriter {
  private readonly waiting: Waiting[] = [];
  private underWay = 0;
  private isDue = false;

  constructor(private readonly pool: pg.Pool) {}

  /** Throws `LeaseLost` when nothing was written. */
  write(lease: Lease, change: RunChange): Promise<void> {
    const write = { lease, change, shape: shapeOf(change) };
    if (!mayShare(write)) return writeAlone(this.pool, write);
    return new Promise((resolve, reject) => {
      this.waiting.push({ ...write, resolve, reject });
      this.sendSoon();
    });
  }

  /** On an idle worker at once, else when everybody whose turn it is in this turn of the event loop has said what there is to record. */
  private sendSoon(): void {
    if (this.isDue || this.underWay >= lanes || this.waiting.length === 0) return;
    if (this.underWay === 0) return this.sendNext();
    this.isDue = true;
    setImmediate(() => {
      this.isDue = false;
      this.sendNext();
    });
  }

  private sendNext(): void {
    this.underWay += 1;
    void this.send(takeAlike(this.waiting)).finally(() => {
      this.underWay -= 1;
      this.sendSoon();
    });
    this.sendSoon();
  }

  private async send(writes: Waiting[]): Promise<void> {
    try {
      const held = await writeTogether(this.pool, writes);
      for (const { lease, resolve, reject } of writes) {
        if (held.has(lease.runId)) resolve();
        else reject(new LeaseLost(lease.runId));
      }
    } catch (error) {
      // One of them may have been what the database refused: by itself it fails alone. Of anything but a refusal nobody knows
      // whether it was written, and then it must not be written again.
      const again = writes.length > 1 && isRefusal(error);
      for (const write of writes) {
        if (again) writeAlone(this.pool, write).then(write.resolve, write.reject);
        else write.reject(error);
      }
    }
  }
}

/** The end of a run looks at others of its entity, which must not end in the same statement; signals are looked for under a lock. */
function mayShare({ shape }: Write): boolean {
  return !shape.includes('end') && !shape.includes('signals');
}

/** Takes out the first, and of the others those whose statement is the same; of one run only the first. */
function takeAlike(waiting: Waiting[]): Waiting[] {
  const shape = waiting[0]?.shape;
  const taken: Waiting[] = [];
  const left: Waiting[] = [];
  const runs = new Set<string>();
  let events = 0;
  for (const write of waiting) {
    const { runId } = write.lease;
    events += write.change.events?.length ?? 0;
    const fits = write.shape === shape && !runs.has(runId) && taken.length < mostWrites && (taken.length === 0 || events <= mostEvents);
    (fits ? taken : left).push(write);
    runs.add(runId);
  }
  waiting.splice(0, waiting.length, ...left);
  return taken;
}

async function writeAlone(pool: pg.Pool, write: Write): Promise<void> {
  const keys = signalKeys(write.change);
  const held =
    keys.length === 0
      ? await writeTogether(pool, [write])
      : // A signal is either sent before this look, and seen by it, or after it, and then its sender sees the step that waits.
        await inTransaction(pool, async (connection) => {
          for (const key of keys) await connection.query('SELECT pg_advisory_xact_lock(hashtext($1))', [key]);
          return writeTogether(connection, [write]);
        });
  if (!held.has(write.lease.runId)) throw new LeaseLost(write.lease.runId);
}

/** Changes of one shape, each of another run, in one statement; answers the runs whose lease was still held. */
async function writeTogether(connection: pg.Pool | pg.PoolClient, writes: Write[]): Promise<Set<string>> {
  const { name, text, values } = statementFor(writes);
  // Named, so that each connection plans it once: planning this statement costs more than running it.
  const written = await connection.query<{ id: string }>({ name, text, values });
  const [only] = writes;
  if (only && writes.length === 1) return new Set((written.rowCount ?? 0) > 0 ? [only.lease.runId] : []);
  return new Set(written.rows.map((row) => row.id));
}
