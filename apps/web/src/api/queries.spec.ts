import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import { actionQuery, actionsQuery } from './actions.js';
import { entitiesQuery, entityQuery } from './entities.js';
import { runQuery, runsQuery } from './runs.js';

const schema = buildSchema(readFileSync(path.join(import.meta.dirname, '../../../api/src/graphql/schema.graphql'), 'utf8'));

describe('what the portal asks of GraphQL', () => {
  it.each(Object.entries({ actionQuery, actionsQuery, entitiesQuery, entityQuery, runQuery, runsQuery }))('%s is what the api answers', (_name, query) => {
    expect(validate(schema, parse(query)).map(({ message }) => message)).toEqual([]);
  });
});
