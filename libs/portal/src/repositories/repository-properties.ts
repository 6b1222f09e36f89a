const text = { type: 'string' };
const url = { type: 'string', format: 'uri' };
const time = { type: 'string', format: 'date-time' };

/** JSON Schema of what webhooks keep true of an entity's repository; see `factsAsProperties`. */
export const repositoryProperties = {
  repository_state: { enum: ['active', 'archived', 'deleted'], title: 'State of the repository' },
  repository_notice: { type: 'string', title: 'About the repository' },
  default_branch: { type: 'string', title: 'Default branch' },
  latest_commit: { type: 'object', title: 'Latest commit', properties: { sha: text, message: text, author: text, url, at: time } },
  checks: {
    type: 'object',
    title: 'Checks of the latest commit',
    properties: { state: { enum: ['pending', 'success', 'failure'] }, sha: text, url, at: time },
  },
  latest_release: { type: 'object', title: 'Latest release', properties: { tag: text, name: text, url, at: time } },
  latest_image: { type: 'object', title: 'Latest image', properties: { name: text, tag: text, digest: text, url, at: time } },
};
