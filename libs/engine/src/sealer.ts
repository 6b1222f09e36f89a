import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

export type SealingKeys = readonly [newest: string, ...older: string[]];

const cipher = 'aes-256-gcm';
/** What NIST SP 800-38D recommends for GCM, in bytes. */
const nonceLength = 12;
const tagLength = 16;
/** `openssl rand -base64 32` gives 44. */
const shortestKey = 32;

/**
 * Keeps values that must rest somewhere: AES-256-GCM, under keys that lie outside of the database. The newest key seals, all
 * of them open, so that a key can be replaced while what was sealed with it is still needed. A sealed value is bound to what
 * it belongs to: moved to another run or under another name, it does not open.
 */
export class Sealer {
  private readonly newest: SealingKey;
  private readonly keys: readonly SealingKey[];

  /** Newest first. */
  constructor([newest, ...older]: SealingKeys) {
    this.newest = deriveKey(newest);
    this.keys = [this.newest, ...older.map(deriveKey)];
  }

  /** `1.KEY.BASE64URL`: the format's version, which key, and nonce, ciphertext and tag. */
  seal(value: string, belongsTo: readonly string[]): string {
    const key = this.newest;
    const nonce = randomBytes(nonceLength);
    const sealing = createCipheriv(cipher, key.sealing, nonce, { authTagLength: tagLength }).setAAD(bound(belongsTo));
    const parts = [nonce, sealing.update(value, 'utf8'), sealing.final(), sealing.getAuthTag()];
    return `1.${key.id}.${Buffer.concat(parts).toString('base64url')}`;
  }

  /** Throws `SealUnopened`. */
  open(sealed: string, belongsTo: readonly string[]): string {
    const [version, id, body = ''] = sealed.split('.');
    if (version !== '1' || id === undefined) throw new SealUnopened('seal_broken', 'It is no sealed value.');
    const key = this.keys.find((known) => known.id === id);
    if (!key) throw new SealUnopened('seal_key_unknown', `It was sealed with the key ${id}, which is not among those of SLIPWAY_KEY.`);
    const bytes = Buffer.from(body, 'base64url');
    try {
      const opening = createDecipheriv(cipher, key.sealing, bytes.subarray(0, nonceLength), { authTagLength: tagLength });
      opening.setAAD(bound(belongsTo)).setAuthTag(bytes.subarray(-tagLength));
      return opening.update(bytes.subarray(nonceLength, -tagLength), undefined, 'utf8') + opening.final('utf8');
    } catch (cause) {
      throw new SealUnopened('seal_broken', 'It was changed, or belongs to something else.', { cause });
    }
  }

  /** A keyed hash: says whether two texts are the same, and nothing of them to whoever has not the key. */
  fingerprint(text: string): string {
    return `${this.newest.id}.${keyedHash(this.newest, text).toString('base64url')}`;
  }

  /** Whether the fingerprint is the text's, by whichever key it was taken. */
  isFingerprint(fingerprint: string, text: string): boolean {
    const [id, hash = ''] = fingerprint.split('.');
    const key = this.keys.find((known) => known.id === id);
    const given = Buffer.from(hash, 'base64url');
    const own = key && keyedHash(key, text);
    return own !== undefined && own.length === given.length && timingSafeEqual(own, given);
  }
}

/** What a worker or an api that lacks a key, or finds a value that somebody moved or changed, is told; never the value. */
export class SealUnopened extends Error {
  constructor(
    readonly code: 'seal_key_unknown' | 'seal_broken',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'SealUnopened';
  }
}

/** The value behind `SLIPWAY_KEY`: one key a line, newest first. Throws where there is none, or one that could be guessed. */
export function sealingKeys(text: string): SealingKeys {
  const lines = text.split('\n').map((line) => line.trim());
  const [newest, ...older] = lines.filter((line) => line !== '');
  if (newest === undefined) throw new Error('SLIPWAY_KEY refers to an empty value: put a key there, made with `openssl rand -base64 32`.');
  const keys: SealingKeys = [newest, ...older];
  const short = keys.findIndex((key) => key.length < shortestKey);
  if (short >= 0) {
    throw new Error(`The sealing key in line ${short + 1} has fewer than ${shortestKey} characters and could be guessed: make one with \`openssl rand -base64 32\`.`);
  }
  return keys;
}

interface SealingKey {
  /** Tells the keys apart, and nothing else of them. */
  id: string;
  sealing: Buffer;
  hashing: Buffer;
}

function deriveKey(key: string): SealingKey {
  const derive = (purpose: string, length: number): Buffer => Buffer.from(hkdfSync('sha256', key, '', `slipway ${purpose}`, length));
  return { id: derive('sealing key id', 6).toString('hex'), sealing: derive('sealed values', 32), hashing: derive('fingerprints', 32) };
}

/** JSON keeps the parts apart: `a`, `bc` is not `ab`, `c`. */
function bound(belongsTo: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify(belongsTo));
}

function keyedHash({ hashing }: SealingKey, text: string): Buffer {
  return createHmac('sha256', hashing).update(text).digest();
}
