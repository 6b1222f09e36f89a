import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkRequest, compilePlan, createEvaluator, dryRun, entityIdentifier, loadGoldenPath, TemplateInvalid } from '@slipway/templating';
import { everyStep } from './every-step.js';

/** Templates as Backstage's authors write them, and one of our own: they load, and a dry run gets to their end. */
const folder = join(import.meta.dirname, '../../../e2e/templates');
const registry = await everyStep();

interface Example {
  values?: Record<string, unknown>;
  secrets?: Record<string, string>;
  findings?: string[];
  identifier: string;
  files?: string[];
}

const repoUrl = 'github.com?owner=acme&repo=shop';
const examples: Record<string, Example> = {
  website: {
    values: { component_id: 'shop', owner: 'group:default/web', repoUrl },
    findings: ['input_overlooked'],
    identifier: 'shop',
    files: ['.github/workflows/build.yaml', 'README.md', 'catalog-info.yaml'],
  },
  'pull-request': { values: { name: 'shop', repoUrl }, findings: ['user_credentials'], identifier: 'shop', files: ['shop/main.py'] },
  cookiecutter: {
    values: { name: 'docs' },
    findings: ['pattern_not_linear'],
    identifier: 'docs',
    files: ['site/docs/index.md', 'site/docs/mkdocs.yml'],
  },
  'conditional-fields': {
    values: { name: 'shop', features: ['cache'] },
    identifier: 'shop',
    files: ['cache/redis.conf', 'shop.txt'],
  },
  'each-and-handlers': { identifier: 'many-repositories' },
  placeholders: { values: { name: 'shop' }, identifier: 'shop', files: ['LICENCE', 'docs/README.md', 'plain.sh', 'shop.conf'] },
  'catalogue-only': { values: { name: 'shop', owner: 'group:default/web', tags: ['a'] }, identifier: 'shop', files: ['catalog-info.yaml'] },
  secrets: {
    values: { user: 'ada', password: 'hush' },
    secrets: { password: 'hush' },
    findings: ['backstage_key', 'backstage_key', 'backstage_key'],
    identifier: 'with-secrets',
  },
  'github-everything': {
    values: { repoUrl, privateKey: 'hush' },
    secrets: { privateKey: 'hush' },
    identifier: 'shop',
    files: ['catalog-info.yaml'],
  },
  sloppy: {
    findings: ['output_invalid', 'parameters_ignored', 'parameters_ignored', 'parameters_ignored', 'unknown_key', 'unknown_output', 'unknown_output', 'unknown_parameter'],
    identifier: 'shop',
    files: ['a.txt'],
  },
  'shared-skeletons': {
    values: { githubOrganization: 'acme', repositoryName: 'shop', componentOwner: 'group:default/web', repoUrl },
    findings: ['input_overlooked', 'unknown_key', 'unknown_output', 'unknown_parameter'],
    identifier: 'shop',
    files: ['.github/workflows/ci.yaml', 'gitops/service.yaml', 'source/catalog-info.yaml'],
  },
  slipway: { values: { app_name: 'shop' }, identifier: 'shop', files: ['run.sh'] },
};

describe.each(Object.entries(examples))('%s', (name, { values = {}, secrets = {}, findings = [], identifier, files = [] }) => {
  it('loads, takes its form, and dry-runs to the end, the same each time', async () => {
    const [template] = await loadGoldenPath(join(folder, name), registry);
    if (!template) throw new Error('There is no template.');
    expect(template.findings.map(({ code }) => code).sort()).toEqual(findings);
    const checked = checkRequest(template.document.spec, { properties: values });
    expect(checked).toMatchObject({ secrets, issues: [] });
    expect(entityIdentifier(template, checked.values)).toBe(identifier);
    const request = {
      ...{ template, plan: compilePlan(template), folder: join(folder, name), inputs: checked.values },
      ...{ entity: { blueprint: 'service', identifier }, mark: null, standing: [], requestedBy: 'user:default/ada', content: true },
    };
    const plan = await dryRun({ registry, evaluator: createEvaluator() }, request, AbortSignal.timeout(60_000));
    expect(plan.steps.filter(({ failure }) => failure !== null)).toEqual([]);
    expect(plan.files.map(({ path }) => path)).toEqual(files);
    expect((await dryRun({ registry, evaluator: createEvaluator() }, request, AbortSignal.timeout(60_000))).hash).toBe(plan.hash);
  });
});

it.each([
  ['elsewhere', ['unknown_action', 'unknown_action'], ['"publish:gitlab"', '"roadiehq:utils:fs:write"']],
  ['remote-parts', ['placeholder_unresolved'], ['https://github.com/acme/steps/blob/main/fetch.yaml']],
])('%s says once what is missing', async (name, codes, said) => {
  const failure = await loadGoldenPath(join(folder, name), registry).catch((error: unknown) => error);
  const findings = failure instanceof TemplateInvalid ? failure.findings : [];
  expect(findings.map(({ code }) => code)).toEqual(codes);
  for (const [index, words] of said.entries()) expect(findings[index]?.message).toContain(words);
});

it('leaves no example untried', async () => {
  expect((await readdir(folder)).sort()).toEqual([...Object.keys(examples), 'elsewhere', 'remote-parts'].sort());
});
