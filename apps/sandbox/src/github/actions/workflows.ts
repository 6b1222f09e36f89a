import { remembering } from '../../core/remember.js';
import type { Collection } from '../../core/store.js';
import { resolveCommit } from '../../git/commits.js';
import { listTree, readBlobs } from '../../git/tree.js';
import type { Repository } from '../model.js';
import { keyIn, type World } from '../world.js';
import type { Workflow } from './model.js';
import { readWorkflow, type WorkflowFile } from './workflow-file.js';

const FOLDER = '.github/workflows/';

export interface FoundWorkflow {
  workflow: Workflow;
  file: WorkflowFile;
}

/** The workflows that the files of a commit make. */
export class Workflows {
  readonly #known: Collection<Omit<Workflow, 'name'>>;

  constructor(private readonly world: World) {
    this.#known = world.collectionOfRepositories('workflows');
  }

  /** Those of the default branch, which are the ones that GitHub lists and dispatches. */
  async list(repository: Repository): Promise<FoundWorkflow[]> {
    const commit = await resolveCommit(this.world.gitDirectory(repository), `refs/heads/${repository.defaultBranch}`);
    return commit === undefined ? [] : this.at(repository, commit);
  }

  async at(repository: Repository, commit: string): Promise<FoundWorkflow[]> {
    const files = await readWorkflows(this.world.gitDirectory(repository), commit);
    return files.map(({ path, file }) => ({ file, workflow: { ...this.#know(repository, path), name: file.name ?? path } }));
  }

  /** By id, or by the name of its file. */
  async find(repository: Repository, idOrFile: string): Promise<FoundWorkflow | undefined> {
    const all = await this.list(repository);
    return all.find(({ workflow: { id, path } }) => String(id) === idOrFile || path === `${FOLDER}${idOrFile}`);
  }

  /** The id stays with the path, whatever becomes of the file. */
  #know(repository: Repository, path: string): Omit<Workflow, 'name'> {
    const key = `${keyIn(repository)}${path}`;
    const known = this.#known.get(key);
    if (known) return known;
    const workflow = { id: this.world.nextId('workflow'), path, createdAt: this.world.timestamp() };
    this.#known.set(key, workflow);
    return workflow;
  }
}

interface ReadWorkflow {
  path: string;
  file: WorkflowFile;
}

const rememberWorkflows = remembering<ReadWorkflow[]>(300);
const rememberFile = remembering<WorkflowFile | undefined>(300);

function readWorkflows(directory: string, commit: string): Promise<ReadWorkflow[]> {
  return rememberWorkflows(commit, async () => {
    const inFolder = await listTree(directory, commit, FOLDER);
    const entries = inFolder.filter(({ path, type }) => type === 'blob' && /\.ya?ml$/.test(path));
    const contents = await readBlobs(directory, entries.map(({ sha }) => sha));
    const files = await Promise.all(entries.map(({ sha }, index) => rememberFile(sha, async () => readWorkflow(String(contents[index])))));
    return entries.flatMap(({ path }, index) => {
      const file = files[index];
      return file ? [{ path, file }] : [];
    });
  });
}
