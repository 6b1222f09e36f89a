import type { Provider } from '@slipway/engine';
import { noRemoteContent } from './remote/remote-content.js';
import type { RemoteContent } from './remote/remote-content.js';
import { catalogWrite } from './steps/catalog-write.js';
import { fetchPlain } from './steps/fetch-plain.js';
import { fetchPlainFile } from './steps/fetch-plain-file.js';
import { fetchTemplate } from './steps/fetch-template.js';
import { fetchTemplateFile } from './steps/fetch-template-file.js';
import { fsDelete } from './steps/fs-delete.js';
import { fsReaddir } from './steps/fs-readdir.js';
import { fsRename } from './steps/fs-rename.js';

/** What templating itself can do in a run; without `remote`, nothing is fetched from elsewhere. */
export function templatingProvider(remote: RemoteContent = noRemoteContent): Provider {
  const fetching = [fetchPlain(remote), fetchPlainFile(remote), fetchTemplate(remote), fetchTemplateFile(remote)];
  return { name: 'templating', steps: [...fetching, fsDelete, fsRename, fsReaddir, catalogWrite], kinds: [] };
}
