import { hash } from 'node:crypto';
import type { Delivery } from '@slipway/portal';
import type pg from 'pg';
import { isRefusal } from '../is-refusal.js';
import { packBody } from './packed-body.js';

/** What one statement takes on: webhooks are mostly one or two KB, packed, and may be much more. */
const mostTogether = 16;
const mostBytes = 1024 * 1024;
/** From one statement to the next: GitHub waits 10 s for its answer, and what comes meanwhile shares a way to the disk. */
const gatherMs = 25;

interface Packed extends Delivery {
  /** SHA-256 of the body as it came. */
  digest: Buffer;
}

interface Waiting {
  delivery: Packed;
  resolve: (isNew: boolean) => void;
  reject: (error: unknown) => void;
}

/**
 * Stores deliveries, each once. Those that come in the same turn of the event loop, or close behind others, share a statement and its way
 * to the disk. None waits for another's: a database that does not answer is each sender's news within the pool's own patience.
 */
export class AddDeliveries {
  private readonly waiting: Waiting[] = [];
  private isDue = false;
  private nextAt = -Infinity;

  constructor(private readonly pool: pg.Pool) {}

  /** False: a delivery of this id is there already. Resolves once it is stored. */
  async add(delivery: Delivery): Promise<boolean> {
    const packed = { ...delivery, digest: hash('sha256', delivery.body, 'buffer'), body: await packBody(delivery.body) };
    return new Promise((resolve, reject) => {
      this.waiting.push({ delivery: packed, resolve, reject });
      this.sendSoon();
    });
  }

  private sendSoon(): void {
    if (this.isDue) return;
    this.isDue = true;
    const begin = (): void => {
      this.isDue = false;
      this.nextAt = performance.now() + gatherMs;
      while (this.waiting.length > 0) void this.send(takeSome(this.waiting));
    };
    const dueMs = this.nextAt - performance.now();
    if (dueMs > 0) setTimeout(begin, dueMs);
    else setImmediate(begin);
  }

  private async send(waiting: readonly Waiting[]): Promise<void> {
    try {
      const added = await insert(this.pool, waiting.map(({ delivery }) => delivery));
      // Of two of the same id one is new.
      for (const { delivery, resolve } of waiting) resolve(added.delete(keyOf(delivery)));
    } catch (error) {
      // One of them may be what the database refused: by itself it fails alone. To store one again is harmless.
      const again = waiting.length > 1 && isRefusal(error);
      for (const one of waiting) {
        if (again) void this.send([one]);
        else one.reject(error);
      }
    }
  }
}

function takeSome(waiting: Waiting[]): Waiting[] {
  let bytes = 0;
  const more = waiting.findIndex(({ delivery }, index) => index === mostTogether || (index > 0 && (bytes += delivery.body.length) > mostBytes));
  return waiting.splice(0, more === -1 ? waiting.length : more);
}

/** Answers which of them were not there before. */
async function insert(pool: pg.Pool, deliveries: readonly Packed[]): Promise<Set<string>> {
  // In the order of their ids: of two that store the same ones, neither waits for the other who waits for him.
  const sorted = deliveries.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  const rows = sorted.map((_, row) => `(${Array.from({ length: 5 }, (__, column) => `$${5 * row + column + 1}`).join(', ')})`);
  const added = await pool.query<{ provider: string; delivery_id: string }>({
    name: `add-deliveries-${sorted.length}`,
    text: `INSERT INTO webhook_deliveries (provider, delivery_id, event, body, digest) VALUES ${rows.join(', ')}
      ON CONFLICT DO NOTHING RETURNING provider, delivery_id`,
    values: sorted.flatMap(({ provider, deliveryId, event, body, digest }) => [provider, deliveryId, event, body, digest]),
  });
  return new Set(added.rows.map(({ provider, delivery_id: deliveryId }) => keyOf({ provider, deliveryId })));
}

function keyOf({ provider, deliveryId }: Pick<Delivery, 'provider' | 'deliveryId'>): string {
  return `${provider} ${deliveryId}`;
}
