import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadGoldenPath, type LoadedTemplate } from '@slipway/templating';

/** Three actions on a service, with the real paths' inputs and steps that need no system: deploy, touch and remove. */
export async function loadTestTemplates(): Promise<LoadedTemplate[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-golden-path-'));
  try {
    for (const [action, text] of Object.entries(templates)) {
      await mkdir(path.join(folder, action));
      await writeFile(path.join(folder, action, 'template.yaml'), text);
    }
    return await loadGoldenPath(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const head = 'apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\n';

const templates = {
  deploy: `${head}
metadata: { name: deploy, title: Deploy a service, description: All of it. }
spec:
  operation: CREATE
  identifier: \${{ parameters.app_name }}
  parameters:
    required: [app_name, repo_name, namespace]
    properties:
      app_name: { type: string, maxLength: 40, pattern: '^[a-z]([-a-z0-9]*[a-z0-9])?$' }
      repo_name: { type: string, pattern: '^[a-z-]+$' }
      namespace: { type: string, pattern: '^[a-z-]+$' }
      db_name: { type: string, default: main }
      note: { type: string }
      api_key: { type: string, ui:field: Secret }
  steps:
    - { id: first, name: The first, action: 'debug:log', input: { message: one } }
    - { id: second, action: 'debug:log', needs: [first], input: { message: two } }
`,
  touch: `${head}
metadata: { name: touch, title: Touch it }
spec:
  operation: DAY-2
  steps: [{ id: only, action: 'debug:log', input: {} }]
`,
  remove: `${head}
metadata: { name: remove, title: Remove it }
spec:
  operation: DELETE
  parameters:
    required: [confirm]
    properties: { confirm: { type: string }, repository: { enum: [archive, delete], default: archive } }
  steps: [{ id: only, action: 'resources:remove', input: {} }]
`,
};
