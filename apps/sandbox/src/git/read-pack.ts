import { createHash } from 'node:crypto';
import { inflateSync, type Inflate } from 'node:zlib';
import { LRUCache } from 'lru-cache';

export interface GitObject {
  type: string;
  content: Buffer;
}

const TYPES = ['', 'commit', 'tree', 'blob', 'tag'];
const BY_OFFSET = 6;
const BY_ID = 7;
const HEADER_BYTES = 12;
const ID_BYTES = 20;

export interface PackEntry {
  id: string;
  object: GitObject;
  /** Where it lies in the pack. */
  start: number;
  end: number;
}

/** By their checksums, which tell all that is in them: an app's is pushed, read and fetched, one right after the other. */
const recent = new LRUCache<string, readonly PackEntry[]>({
  maxSize: 16 * 1024 * 1024,
  sizeCalculation: (entries) => entries.reduce((sum, { object }) => sum + object.content.length, 1),
});

/**
 * The objects of a pack (gitformat-pack) in their order, less those that build upon one which comes later or lies elsewhere. The
 * checksum at its end must be true.
 */
export function readPack(pack: Buffer): readonly PackEntry[] {
  const checksum = pack.toString('hex', pack.length - ID_BYTES);
  const entries = recent.get(checksum) ?? readEntries(pack);
  recent.set(checksum, entries);
  return entries;
}

function readEntries(pack: Buffer): PackEntry[] {
  const entries: PackEntry[] = [];
  const byId = new Map<string, GitObject>();
  const byOffset = new Map<number, GitObject>();
  const reader = new Reader(pack, HEADER_BYTES);
  for (let left = pack.readUInt32BE(HEADER_BYTES - 4); left > 0; left -= 1) {
    const start = reader.at;
    const kind = reader.kind();
    const base = kind === BY_OFFSET ? byOffset.get(start - reader.distance()) : kind === BY_ID ? byId.get(reader.id()) : undefined;
    const content = reader.inflate();
    const type = base?.type ?? TYPES[kind];
    if (type === undefined) continue;
    const object = { type, content: base ? applyDelta(base.content, content) : content };
    const id = idOf(object);
    byOffset.set(start, object);
    byId.set(id, object);
    entries.push({ id, object, start, end: reader.at });
  }
  return entries;
}

class Reader {
  constructor(
    private readonly bytes: Buffer,
    public at = 0,
  ) {}

  next(): number {
    return this.bytes.readUInt8(this.at++);
  }

  get ended(): boolean {
    return this.at >= this.bytes.length;
  }

  /** Three bits of the first byte; the size after it is what inflating gives. */
  kind(): number {
    let byte = this.next();
    const kind = (byte >> 4) & 7;
    while (byte & 0x80) byte = this.next();
    return kind;
  }

  /** Seven bits a byte, the highest first, and one more for each byte that follows. */
  distance(): number {
    let byte = this.next();
    let value = byte & 0x7f;
    while (byte & 0x80) {
      byte = this.next();
      value = (value + 1) * 0x80 + (byte & 0x7f);
    }
    return value;
  }

  /** Seven bits a byte, the lowest first. */
  size(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.next();
      value += (byte & 0x7f) * 2 ** shift;
      if (!(byte & 0x80)) return value;
    }
  }

  /** As many little-endian bytes as `present` has bits set. */
  sparse(present: number, bits: number): number {
    let value = 0;
    for (let bit = 0; bit < bits; bit += 1) if (present & (1 << bit)) value += this.next() * 2 ** (8 * bit);
    return value;
  }

  id(): string {
    return this.take(ID_BYTES).toString('hex');
  }

  take(length: number): Buffer {
    const taken = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return taken;
  }

  inflate(): Buffer {
    // What follows is the next object's; how much was this one's, the engine tells.
    const { buffer, engine } = inflateSync(this.bytes.subarray(this.at), { info: true }) as unknown as { buffer: Buffer; engine: Inflate };
    this.at += engine.bytesWritten;
    return buffer;
  }
}

/** Copies from the base and insertions, one after the other. */
function applyDelta(base: Buffer, delta: Buffer): Buffer {
  const reader = new Reader(delta);
  reader.size();
  const parts: Buffer[] = [];
  const length = reader.size();
  while (!reader.ended) {
    const code = reader.next();
    if (code & 0x80) {
      const from = reader.sparse(code, 4);
      parts.push(base.subarray(from, from + (reader.sparse(code >> 4, 3) || 0x10000)));
    } else {
      parts.push(reader.take(code));
    }
  }
  return Buffer.concat(parts, length);
}

function idOf({ type, content }: GitObject): string {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
}
