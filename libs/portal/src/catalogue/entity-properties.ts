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

/** What has no input of its own: the property that holds the name of what a run made, by its kind. */
export const propertyOfKind: Readonly<Record<string, string>> = {
  'argocd:application': 'application',
  'akeyless:dynamic-secret': 'dynamic_secret',
};

/** The properties an entity has as long as what they name stands, from the moment it came into being. */
export function resourceProperties(resources: ReadonlyArray<{ kind: string; externalId: string }>): Record<string, unknown> {
  const named = resources.flatMap(({ kind, externalId }) => {
    const property = propertyOfKind[kind];
    return property === undefined ? [] : [[property, externalId] as const];
  });
  // The first of a kind is the service's own; a template may add others.
  return Object.fromEntries(named.reverse());
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
