/** What the inputs of the golden paths that ship with Slipway are called on a service. */
const knownInputs: Record<string, string> = { repo_name: 'repository', namespace: 'namespace', db_name: 'database' };

/** The properties an entity has from its request on, by the inputs' names. */
export function entityProperties(inputs: Record<string, unknown>): Record<string, unknown> {
  const properties: Record<string, unknown> = {};
  for (const [input, property] of Object.entries(knownInputs)) {
    if (typeof inputs[input] === 'string') properties[property] = inputs[input];
  }
  return properties;
}

/** Values that one entity at a time may hold: those of the properties that the blueprint marks `x-claimed`. */
export function claimedValues(
  blueprintSchema: Record<string, unknown>,
  properties: Record<string, unknown>,
): Record<string, string> {
  const declared = (blueprintSchema['properties'] ?? {}) as Record<string, { 'x-claimed'?: boolean }>;
  const claims: Record<string, string> = {};
  for (const [name, value] of Object.entries(properties)) {
    if (declared[name]?.['x-claimed'] === true && typeof value === 'string') claims[name] = value;
  }
  return claims;
}
