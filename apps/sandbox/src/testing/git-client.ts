import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A working copy, driven with the git command line as a developer would. */
export class GitClient {
  static async init(home: string, token: string): Promise<GitClient> {
    const client = new GitClient(await mkdtemp(join(home, 'work-')), token);
    await client.git('init', '--quiet', '--initial-branch=main');
    return client;
  }

  constructor(
    readonly folder: string,
    private readonly token: string | undefined,
  ) {}

  /** What git printed. @throws Error with git's own words. */
  async git(...args: string[]): Promise<string> {
    const { stdout } = await run('git', args, { cwd: this.folder, env: this.#environment() });
    return stdout.trim();
  }

  /** Writes the files, commits them and gives the commit's id. */
  async commit(message: string, files: Record<string, string>): Promise<string> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(this.folder, path)), { recursive: true });
      await writeFile(join(this.folder, path), content);
    }
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '-m', message);
    return this.git('rev-parse', 'HEAD');
  }

  #environment(): NodeJS.ProcessEnv {
    const bare = {
      PATH: process.env['PATH'],
      HOME: this.folder,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      GIT_AUTHOR_NAME: 'Ada',
      GIT_AUTHOR_EMAIL: 'ada@example.com',
      GIT_COMMITTER_NAME: 'Ada',
      GIT_COMMITTER_EMAIL: 'ada@example.com',
    };
    if (this.token === undefined) return bare;
    const basic = Buffer.from(`x-access-token:${this.token}`).toString('base64');
    const header = `Authorization: Basic ${basic}`;
    return { ...bare, GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'http.extraHeader', GIT_CONFIG_VALUE_0: header };
  }
}
