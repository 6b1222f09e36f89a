import { Failure } from '../setup/failure.mjs';
import { stage } from '../setup/stage.mjs';
import { askArgocd } from './ask-argocd.mjs';
import { cloneRepository } from './clone-repository.mjs';
import { useDatabaseCredential } from './use-database-credential.mjs';

/**
 * Tries everything the run created, as the developer would. `resources` are the ledger's, by kind. Tries all of them,
 * then throws the first failure.
 */
export async function tryLinks({ resources, sandbox, schema }) {
  let commit;
  const attempts = [
    ['Clone', async () => {
      const clone = await cloneRepository({ url: linkOf(resources, 'github:repository'), token: sandbox.github.token });
      commit = clone.commit;
      return clone.said;
    }],
    ['Database', () => useDatabaseCredential({
      akeyless: sandbox.akeyless, ...sandbox.mysql, secretName: resourceOf(resources, 'akeyless:dynamic-secret').externalId, schema,
    })],
    ['Argo CD', () => askArgocd({ argocd: sandbox.argocd, application: resourceOf(resources, 'argocd:application').externalId, commit })],
  ];
  const failures = [];
  for (const [title, attempt] of attempts) {
    await stage(title, async (note) => note(await tried(attempt))).catch((error) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}

async function tried(attempt) {
  try {
    return await attempt();
  } catch (error) {
    throw new Failure('LINK_FAILED', `What the run made does not work: ${error.message}`, {
      advice: 'See the log of the run above, and logs/sandbox.log in the data folder.',
      cause: error,
    });
  }
}

function linkOf(resources, kind) {
  const { url } = resourceOf(resources, kind);
  if (!url) throw new Error(`the ${kind} has no link`);
  return url;
}

function resourceOf(resources, kind) {
  const resource = resources.get(kind);
  if (!resource) throw new Error(`the run made no ${kind}`);
  return resource;
}
