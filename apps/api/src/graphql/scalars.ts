import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';

/** Written as the database says it; nothing asks with one yet. */
export const dateTime = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  serialize: (value) => String(value),
});

/** An object as JSON has it, in variables as well as written out in a document. */
export const jsonObject = new GraphQLScalarType<Record<string, unknown>, unknown>({
  name: 'JSONObject',
  serialize: (value) => value,
  parseValue: asObject,
  parseLiteral: (node, variables) => asObject(valueOf(node, variables ?? {})),
});

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new GraphQLError('JSONObject must be an object.');
}

function valueOf(node: ValueNode, variables: Record<string, unknown>): unknown {
  switch (node.kind) {
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map((field) => [allowedName(field.name.value), valueOf(field.value, variables)]));
    case Kind.LIST:
      return node.values.map((value) => valueOf(value, variables));
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.STRING:
    case Kind.ENUM:
      return node.value;
    case Kind.BOOLEAN:
      return node.value;
    case Kind.NULL:
      return null;
    case Kind.VARIABLE:
      return variables[node.name.value];
  }
}

/** What the body's parser refuses in JSON is refused in a document's text too. */
function allowedName(name: string): string {
  if (name === '__proto__') throw new GraphQLError('JSONObject must not hold the key __proto__.');
  return name;
}
