import type { components } from '@octokit/openapi-types';
import type { Collection } from '../../core/store.js';
import { GitHubError } from '../errors.js';
import type { Repository } from '../model.js';
import { nodeId } from '../node-id.js';
import { fullName } from '../repository-view.js';
import { keyIn, type World } from '../world.js';

export interface Label {
  id: number;
  name: string;
  /** Six hexadecimal digits. */
  color: string;
  description: string | null;
  isDefault: boolean;
}

/** What each new repository has (docs.github.com, "Managing labels"). */
const DEFAULTS: readonly (readonly [name: string, color: string, description: string])[] = [
  ['bug', 'd73a4a', "Something isn't working"],
  ['documentation', '0075ca', 'Improvements or additions to documentation'],
  ['duplicate', 'cfd3d7', 'This issue or pull request already exists'],
  ['enhancement', 'a2eeef', 'New feature or request'],
  ['good first issue', '7057ff', 'Good for newcomers'],
  ['help wanted', '008672', 'Extra attention is needed'],
  ['invalid', 'e4e669', "This doesn't seem right"],
  ['question', 'd876e3', 'Further information is requested'],
  ['wontfix', 'ffffff', 'This will not be worked on'],
];

/** The labels that a repository knows; their names differ by more than case. */
export class Labels {
  readonly #labels: Collection<Label[]>;

  constructor(private readonly world: World) {
    this.#labels = world.collectionOfRepositories('labels');
  }

  list(repository: Repository): Label[] {
    const kept = this.#labels.get(keyIn(repository));
    if (kept) return kept;
    const made = DEFAULTS.map(([name, color, description]) => ({ id: this.world.nextId('label'), name, color, description, isDefault: true }));
    this.#labels.set(keyIn(repository), made);
    return made;
  }

  /** @throws GitHubError 404 */
  require(repository: Repository, name: string): Label {
    const found = this.list(repository).find((label) => sameName(label.name, name));
    if (!found) throw new GitHubError(404, 'Not Found');
    return found;
  }

  /** @throws GitHubError 422 */
  create(repository: Repository, { name, color = 'ededed', description = null }: { name: string; color?: string; description?: string | null }): Label {
    const known = this.list(repository);
    if (name.trim() === '') throw invalid({ code: 'missing_field', field: 'name' });
    if (!/^[0-9a-f]{6}$/i.test(color)) throw invalid({ code: 'invalid', field: 'color' });
    if (known.some((label) => sameName(label.name, name))) throw invalid({ code: 'already_exists', field: 'name' });
    const label = { id: this.world.nextId('label'), name, color, description, isDefault: false };
    this.#labels.set(keyIn(repository), [...known, label]);
    return label;
  }

  /** By their names; one that is not there yet is made, as GitHub does when an issue gets it. */
  ensure(repository: Repository, names: readonly string[]): Label[] {
    const labels = names.map((name) => this.list(repository).find((label) => sameName(label.name, name)) ?? this.create(repository, { name }));
    return [...new Map(labels.map((label) => [label.id, label])).values()];
  }

  delete(repository: Repository, label: Label): void {
    this.#labels.set(keyIn(repository), this.list(repository).filter(({ id }) => id !== label.id));
  }
}

export function labelView(label: Label, repository: Repository, world: World) {
  return {
    id: label.id,
    node_id: nodeId('LA', label.id),
    url: `${world.apiUrl}/repos/${fullName(repository)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: label.color,
    default: label.isDefault,
    description: label.description,
  } satisfies components['schemas']['label'];
}

export function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function invalid(error: { code: string; field: string }): GitHubError {
  return new GitHubError(422, 'Validation Failed', [{ resource: 'Label', ...error }]);
}
