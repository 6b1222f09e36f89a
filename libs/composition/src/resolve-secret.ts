import { readFileSync } from 'node:fs';
import { parseSecretReference } from '@slipway/contracts';
import { type SecretResolver, StepError } from '@slipway/engine';

/** From a reference to its value: the environment, files, and every configured provider that keeps secrets. */
export class SecretReferences {
  private readonly resolvers = new Map<string, SecretResolver>([
    ['env', { resolve: fromEnvironment }],
    ['file', { resolve: fromFile }],
  ]);

  register(provider: string, resolver: SecretResolver): void {
    this.resolvers.set(provider, resolver);
  }

  resolve(reference: string, signal?: AbortSignal): Promise<string> {
    const { provider, path, key } = parseSecretReference(reference);
    const resolver = this.resolvers.get(provider);
    if (!resolver) {
      throw new StepError('fatal', 'secret_provider_unknown', `Nothing here resolves "${provider}:" references (${reference}).`, {
        remedy: `Known are: ${[...this.resolvers.keys()].join(', ')}. Configure the integration, or name another place.`,
      });
    }
    return resolver.resolve(path, key, signal);
  }
}

async function fromEnvironment(name: string): Promise<string> {
  const value = process.env[name];
  if (!value) throw notFound(`env:${name}`, 'the variable is not set');
  return value;
}

/**
 * Read anew each time: a mounted secret that was rotated is picked up without a restart. A file has no keys: its name may have a #.
 * At once: each call and each webhook reads one, and to read so few bytes by way of another thread costs 25 times as much.
 */
async function fromFile(beforeHash: string, afterHash?: string): Promise<string> {
  const path = afterHash === undefined ? beforeHash : `${beforeHash}#${afterHash}`;
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw notFound(`file:${path}`, (error as NodeJS.ErrnoException).code ?? 'it cannot be read');
  }
}

function notFound(reference: string, why: string): StepError {
  return new StepError('fatal', 'secret_not_found', `The secret ${reference} could not be read: ${why}.`, {
    remedy: 'Put the secret there, or correct the reference in the configuration.',
  });
}
