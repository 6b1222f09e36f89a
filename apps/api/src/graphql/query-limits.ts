import { type ASTVisitor, type DocumentNode, GraphQLError, Kind, type SelectionSetNode, type ValidationContext } from 'graphql';

/** Each root field is a look into the database; everything below it comes along with that look. */
export const limits = { depth: 8, rootFields: 20, fields: 500, characters: 20_000 };

/**
 * A validation rule: how deep, how wide and how often a document asks, fragments counted wherever they are spread.
 * `ofType`, by which schema explorers unwrap a type, is no level: it leads from one type to one type and soon ends.
 */
export function limitQuery(context: ValidationContext): ASTVisitor {
  return {
    Document(document) {
      for (const problem of exceededLimits(document)) context.reportError(new GraphQLError(problem));
    },
  };
}

function exceededLimits(document: DocumentNode): string[] {
  const measure = measurer(document);
  return document.definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return [];
    const size = measure(definition.selectionSet);
    return [
      ...(size.depth > limits.depth ? [`The query is ${size.depth} levels deep; at most ${limits.depth} are allowed.`] : []),
      ...(size.breadth > limits.rootFields
        ? [`The query asks ${size.breadth} things at once; at most ${limits.rootFields} are allowed.`]
        : []),
      ...(size.fields > limits.fields ? [`The query names ${size.fields} fields; at most ${limits.fields} are allowed.`] : []),
    ];
  });
}

interface Size {
  depth: number;
  /** Fields of the first level. */
  breadth: number;
  /** Fields of all levels. */
  fields: number;
}

/** A fragment is measured once, however often it is spread; one that spreads itself counts as without end. */
function measurer(document: DocumentNode): (selectionSet: SelectionSetNode) => Size {
  const fragments = new Map(
    document.definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [])),
  );
  const measured = new Map<string, Size>();

  const measureFragment = (name: string): Size => {
    const known = measured.get(name);
    if (known) return known;
    measured.set(name, endless);
    const fragment = fragments.get(name);
    const size = fragment ? measure(fragment.selectionSet) : empty;
    measured.set(name, size);
    return size;
  };

  const measure = (selectionSet: SelectionSetNode): Size => {
    let total = empty;
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) total = beside(total, measureFragment(selection.name.value));
      else if (selection.kind === Kind.INLINE_FRAGMENT) total = beside(total, measure(selection.selectionSet));
      else {
        const below = selection.selectionSet ? measure(selection.selectionSet) : empty;
        const depth = below.depth + (selection.name.value === 'ofType' ? 0 : 1);
        total = beside(total, { depth, breadth: 1, fields: below.fields + 1 });
      }
    }
    return total;
  };
  return measure;
}

const empty: Size = { depth: 0, breadth: 0, fields: 0 };
const endless: Size = { depth: Infinity, breadth: Infinity, fields: Infinity };

function beside(left: Size, right: Size): Size {
  return { depth: Math.max(left.depth, right.depth), breadth: left.breadth + right.breadth, fields: left.fields + right.fields };
}
