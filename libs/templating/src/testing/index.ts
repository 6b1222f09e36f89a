export { type HttpsHost, startHttpsHost } from './https-host.js';
export { removeTemporaryFolders, temporaryFolder } from './temporary-folder.js';
