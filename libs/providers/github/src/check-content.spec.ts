import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { failureOf } from '@slipway/engine/testing';
import { checkContent } from './check-content.js';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'slipway-content-'))));
afterEach(() => rm(folder, { recursive: true }));

const known = 'correct-horse-battery';

async function check(files: Record<string, string | Buffer>, allowPlaceholders: string[] = []): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return checkContent(folder, { allowPlaceholders, holdsSecret: (text) => text.includes(known), signal: AbortSignal.timeout(10_000) });
}

describe('what is pushed', () => {
  it.each<[string, string, string]>([
    ['README.md', 'a\n# ${{ values.name }}\n', 'README.md:2 (${{ values.name }})'],
    ['config.ini', '{{APP_NAME}}', 'config.ini:1 ({{APP_NAME}})'],
    ['config.ini', '{{ AKEYLESS_MYSQL_SECRET_NAME }}', 'config.ini:1 ({{ AKEYLESS_MYSQL_SECRET_NAME }})'],
    ['setup.py', 'name="{{ cookiecutter.name }}"', 'setup.py:1 ({{ cookiecutter.name }})'],
    ['values.yaml', 'password: CHANGEME', 'values.yaml:1 (CHANGEME)'],
    ['values.yaml', 'host: REPLACE_ME', 'values.yaml:1 (REPLACE_ME)'],
    ['.github/workflows/ci.yaml', 'name: ${{ values.name }}', '.github/workflows/ci.yaml:1 (${{ values.name }})'],
    ['.github/workflows/ci.yaml', '${{ github.ref }}-${{values.x}}', '.github/workflows/ci.yaml:1 (${{values.x}})'],
    ['.github/workflows/ci.yaml', '${{ parameters.x }}', '.github/workflows/ci.yaml:1 (${{ parameters.x }})'],
    ['.github/workflows/ci.yaml', '${{ APP_NAME }}', '.github/workflows/ci.yaml:1 (${{ APP_NAME }})'],
    ['.github/workflows/ci.yaml', '${{ github_org }}', '.github/workflows/ci.yaml:1 (${{ github_org }})'],
    ['.github/workflows/ci.yaml', '${{ inputs(1) }}', '.github/workflows/ci.yaml:1 (${{ inputs(1) }})'],
    ['.github/workflows/ci.yaml', '${{ "github" }}', '.github/workflows/ci.yaml:1 (${{ "github" }})'],
    ['.github/workflows/ci.yaml', 'a\nimage: {{APP_NAME}}', '.github/workflows/ci.yaml:2 ({{APP_NAME}})'],
    ['.github/CODEOWNERS', '* @{{ cookiecutter.team }}', '.github/CODEOWNERS:1 ({{ cookiecutter.team }})'],
    ['.github/CODEOWNERS', '* @CHANGEME', '.github/CODEOWNERS:1 (CHANGEME)'],
    ['tools/action.yml', 'name: ${{ values.name }}', 'tools/action.yml:1 (${{ values.name }})'],
    ['${{ values.name }}.py', '', '${{ values.name }}.py (${{ values.name }} in its name)'],
    ['{{cookiecutter.slug}}/main.py', '', '{{cookiecutter.slug}}/main.py ({{cookiecutter.slug}} in its name)'],
    ['src/{{APP_NAME}}/main.py', '', 'src/{{APP_NAME}}/main.py ({{APP_NAME}} in its name)'],
    ['docs/CHANGEME.md', '', 'docs/CHANGEME.md (CHANGEME in its name)'],
    ['{% if values.x %}a.yaml{% endif %}', '', '({% if values.x %} in its name)'],
    ['.github/${{ github.ref }}', '', '(${{ github.ref }} in its name)'],
  ])('leaves nothing unfilled: %s %j', async (file, text, where) => {
    expect(await failureOf(check({ [file]: text }))).toMatchObject({
      ...{ code: 'github_push_unresolved', classification: 'fatal', message: expect.stringContaining(where), remedy: expect.stringContaining('allowPlaceholders') },
    });
  });

  it.each<[string, string]>([
    ['.github/workflows/ci.yaml', 'run: ${{ github.ref }}'],
    ['.github/workflows/ci.yaml', '${{github.event.inputs["x"]}} ${{ env.X }} ${{ vars.X }} ${{ secrets.X }} ${{ runner.os }} ${{ job.status }}'],
    ['.github/workflows/ci.yaml', '${{ steps.x.outputs.y }} ${{ needs.x.result }} ${{ matrix }} ${{ strategy.job-index }} ${{ jobs.x.outputs.y }}'],
    ['.github/workflows/ci.yaml', "${{ !cancelled() && (success() || failure()) }} ${{ always() }} ${{ ! ( github.ref == 'x' ) }}"],
    ['.github/workflows/ci.yaml', "${{ hashFiles('**/x') }} ${{ format('{0}', 1) }} ${{ toJSON(github) }} ${{ fromJson(env.X) }} ${{ JOIN(matrix.x) }}"],
    ['.github/workflows/ci.yaml', "${{ contains('a', 'b') }} ${{ startsWith('a', 'b') }} ${{ endsWith('a', 'b') }} ${{ 'x' }} ${{ 1 }} ${{ -.5 }} ${{ true }}"],
    ['.github/release.yml', 'tags: type=semver,pattern={{version}} {{ .Version }}'],
    ['tools/action.yml', 'run: ${{ inputs.x }}'],
    ['chart/templates/a.yaml', 'name: {{ .Values.name }} {{- if .X }} {{ include "x" . }}'],
    ['app/templates/index.html', '<b>{{ title }}</b> {% for x in xs %}'],
    ['app.py', 'f"{{{name}}}" % changeme'],
    ['Taskfile.yml', 'echo {{.NAME}}'],
  ])('may hold what others fill in: %s', async (file, text) => {
    await check({ [file]: text });
  });

  it('may hold what its author lets stay', async () => {
    await check({ 'docs/how.md': '${{ values.x }}', 'docs/deep/er.md': 'CHANGEME', 'docs/{{NAME}}/x': '' }, ['docs/**']);
    await check({ '.github/ISSUE_TEMPLATE/bug.md': 'CHANGEME' }, ['docs/**', '.github/ISSUE_TEMPLATE/*']);
  });

  it.each<[string, string | Buffer, RegExp]>([
    ['one that we use', `a\nb ${known}\n`, /deploy\/x:2 \(a secret that this installation uses\)/],
    ['one that we use, in something binary', Buffer.from(`\0\0${known}`), /deploy\/x:1 \(a secret that this installation uses\)/],
    ['a private key', `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEowIBAAKCAQEA'.repeat(20)}\n-----END RSA PRIVATE KEY-----\n`, /deploy\/x:1 \(privatekey\)/],
    ['a token of GitHub', `x\ntoken: ghp_${'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'}\n`, /deploy\/x:2 \(github\)/],
    ['a password in an address', 'postgres://admin:S3cr3tS3cr3t@db.example.com/shop', /deploy\/x:1 \([\w-]+\)/],
  ])('holds no secret: %s', async (_title, content, where) => {
    const failure = await failureOf(check({ 'deploy/x': content }));
    expect(failure).toMatchObject({ code: 'github_push_secret', classification: 'fatal', message: expect.stringMatching(where) });
    for (const value of [known, 'MIIEow', 'wWPw5k4a', 'S3cr3t']) expect(`${failure.message} ${failure.remedy}`).not.toContain(value);
  });

  it('may hold what only looks like a secret, where its author says so; never one that we use', async () => {
    const looks = `ghp_${'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'}`;
    await check({ 'a.sh': `echo ${looks} # secretlint-disable-line\n` });
    expect(await failureOf(check({ 'a.sh': `echo ${known} # secretlint-disable-line\n` }))).toMatchObject({ code: 'github_push_secret' });
  });

  it('is found each time, however often, and where a file was clean before', async () => {
    const token = `ghp_${'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'}`;
    await check({ 'deploy/x': `token: ${token.slice(0, -1)}` });
    for (let time = 0; time < 2; time += 1) expect(await failureOf(check({ 'deploy/x': `token: ${token}` }))).toMatchObject({ code: 'github_push_secret' });
    await check({ 'deploy/x': 'token: none' });
  });

  it('is looked at as git would push it: links are links, and .git is none of it', async () => {
    await symlink('/etc/passwd', join(folder, 'link'));
    await check({ '.git/config': 'CHANGEME', '.git/refs/CHANGEME': '', 'ok.txt': 'ok' });
    await symlink('/etc/passwd', join(folder, 'CHANGEME'));
    expect(await failureOf(check({}))).toMatchObject({ code: 'github_push_unresolved', message: expect.stringContaining('CHANGEME in its name') });
  });

  it('names ten places, and how many more there are', async () => {
    const files = Object.fromEntries(Array.from({ length: 13 }, (_, index) => [`f${10 + index}.txt`, 'CHANGEME']));
    const { message } = await failureOf(check(files));
    expect(message.match(/f\d\d\.txt/g)).toHaveLength(10);
    expect(message).toContain('and 3 more');
  });

  it('lets others have their turn meanwhile, so that the leases of runs are kept', async () => {
    for (let file = 0; file < 12; file += 1) await writeFile(join(folder, `file${file}`), 'x');
    const hadTurn: boolean[] = [];
    let isHeard = false;
    const holdsSecret = (): boolean => {
      hadTurn.push(isHeard);
      // Not at the first: what looks for secrets is loaded behind it, which lets go by itself.
      if (hadTurn.length === 2) setImmediate(() => (isHeard = true));
      for (const until = performance.now() + 5; performance.now() < until; );
      return false;
    };
    await checkContent(folder, { allowPlaceholders: [], holdsSecret, signal: AbortSignal.timeout(10_000) });
    expect(hadTurn).toHaveLength(12);
    expect(hadTurn.at(-1)).toBe(true);
  });
});
