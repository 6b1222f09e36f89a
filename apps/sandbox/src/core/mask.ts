const MASK = '********';

/** Names, at their end, of fields and headers that carry secret values. References to secrets (secretRef, secretName) do not. */
const SECRET_NAMES = [
  'authorization', 'cookie', 'password', 'passwd', 'pwd', 'secret', 'token', 'access-?key', 'jwt', 'private-?key', 'signing-key',
  'key-data', 'encrypted_value', 'x-hub-signature', 'x-hub-signature-256',
];
const SECRET_NAME = new RegExp(`(${SECRET_NAMES.join('|')})$`, 'i');

/** Where a JSON patch writes what may be a secret: a field of that name, or anything of a Secret's data. */
const SECRET_POINTER = new RegExp(`(^/(data|stringData)(/.*)?|(${SECRET_NAMES.join('|')}))$`, 'i');

/** A copy in which what a reader of the request log must not see is replaced by asterisks. */
export function mask(value: unknown, knownSecrets: readonly string[]): unknown {
  if (typeof value === 'string') return maskKnown(value, knownSecrets);
  if (Array.isArray(value)) return value.map((item) => mask(item, knownSecrets));
  if (typeof value !== 'object' || value === null) return value;
  if (isSecretPatch(value)) return { ...value, value: maskAll(value.value) };
  const masked: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) masked[name] = maskField(name, field, value, knownSecrets);
  return masked;
}

function maskField(name: string, field: unknown, owner: object, knownSecrets: readonly string[]): unknown {
  if (isText(field) && SECRET_NAME.test(name)) return MASK;
  const holdsSecret = name === 'data' || name === 'stringData';
  if (holdsSecret && 'kind' in owner && owner.kind === 'Secret') return maskAll(field);
  return mask(field, knownSecrets);
}

/** A list of texts under a secret name is a list of secrets. */
function isText(field: unknown): boolean {
  return typeof field === 'string' || (Array.isArray(field) && field.every((item) => typeof item === 'string'));
}

function isSecretPatch(operation: object): operation is { path: string; value: unknown } {
  return 'op' in operation && 'value' in operation && 'path' in operation && SECRET_POINTER.test(String(operation.path));
}

/** Whatever the body, the values below these names are a secret's. */
export function maskFields(body: object, names: readonly string[]): Record<string, unknown> {
  const masked: Record<string, unknown> = { ...body };
  for (const name of names) if (masked[name] !== undefined) masked[name] = maskAll(masked[name]);
  return masked;
}

function maskAll(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return MASK;
  return Object.fromEntries(Object.keys(data).map((key) => [key, MASK]));
}

function maskKnown(text: string, knownSecrets: readonly string[]): string {
  let masked = text;
  for (const secret of knownSecrets) masked = masked.replaceAll(secret, MASK);
  return masked;
}
