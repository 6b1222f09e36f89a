// Writes src/graphql/schema.generated.ts from schema.graphql: the types by Nest's own definitions factory, and the SDL
// itself, so that a built api needs no file beside its code. With `--check` it writes nothing and fails if that is stale.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GraphQLDefinitionsFactory } from '@nestjs/graphql';

const folder = path.join(import.meta.dirname, '../src/graphql');
const target = path.join(folder, 'schema.generated.ts');

const wanted = await generate(await readFile(path.join(folder, 'schema.graphql'), 'utf8'));
if (!process.argv.includes('--check')) {
  await writeFile(target, wanted);
} else if ((await readFile(target, 'utf8').catch(() => '')) !== wanted) {
  console.error('apps/api/src/graphql/schema.generated.ts is stale: run `npm run generate -w apps/api` and commit it.');
  process.exitCode = 1;
}

async function generate(sdl) {
  const scratch = await mkdtemp(path.join(tmpdir(), 'slipway-graphql-'));
  try {
    const file = path.join(scratch, 'types.ts');
    await new GraphQLDefinitionsFactory().generate({
      typePaths: [path.join(folder, 'schema.graphql')],
      path: file,
      outputAs: 'interface',
      enumsAsTypes: true,
      defaultScalarType: 'unknown',
      customScalarTypeMapping: { DateTime: 'string', JSONObject: 'Record<string, unknown>' },
    });
    return `${await readFile(file, 'utf8')}\nexport const schemaText = ${JSON.stringify(sdl)};\n`;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
