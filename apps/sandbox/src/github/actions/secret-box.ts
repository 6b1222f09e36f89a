import type { Collection } from '../../core/store.js';
import { GitHubError } from '../errors.js';
import type { Repository } from '../model.js';
import { keyIn, type World } from '../world.js';

/** Base64, as GitHub shows the public one. */
interface KeyPair {
  keyId: string;
  publicKey: string;
  privateKey: string;
}

/** The key pair of each repository, and the opening of what clients seal with it: libsodium's sealed boxes. */
export class SecretBox {
  readonly #keys: Collection<KeyPair>;

  constructor(private readonly world: World) {
    this.#keys = world.collectionOfRepositories('secret-keys');
  }

  async publicKey(repository: Repository): Promise<{ key_id: string; key: string }> {
    const { keyId, publicKey } = await this.#pairOf(repository);
    return { key_id: keyId, key: publicKey };
  }

  /** @throws GitHubError 422 on what was sealed with another key, or not at all. */
  async open(repository: Repository, keyId: string, sealed: string): Promise<string> {
    const pair = await this.#pairOf(repository);
    if (keyId !== pair.keyId) throw new GitHubError(422, 'Bad request - The key_id is not that of the current public key');
    const sodium = await loadSodium();
    const decode = (text: string) => sodium.from_base64(text, sodium.base64_variants.ORIGINAL);
    try {
      return sodium.to_string(sodium.crypto_box_seal_open(decode(sealed), decode(pair.publicKey), decode(pair.privateKey)));
    } catch {
      throw new GitHubError(422, 'Bad request - Improperly encrypted secret');
    }
  }

  async #pairOf(repository: Repository): Promise<KeyPair> {
    const kept = this.#keys.get(keyIn(repository));
    if (kept) return kept;
    const sodium = await loadSodium();
    const { publicKey, privateKey } = sodium.crypto_box_keypair();
    const encode = (bytes: Uint8Array) => sodium.to_base64(bytes, sodium.base64_variants.ORIGINAL);
    const pair = { keyId: String(this.world.nextId('secret-key')), publicKey: encode(publicKey), privateKey: encode(privateKey) };
    // Another request may have been first while the library was loading.
    const other = this.#keys.get(keyIn(repository));
    if (!other) this.#keys.set(keyIn(repository), pair);
    return other ?? pair;
  }
}

/** Loaded when first needed: it is large, and most runs of the sandbox seal nothing. */
async function loadSodium() {
  const { default: sodium } = await import('libsodium-wrappers');
  await sodium.ready;
  return sodium;
}
