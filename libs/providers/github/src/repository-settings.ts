import { z } from 'zod';

/** How a repository is to be, by the names that Backstage gives these. */
export const repositorySettings = {
  description: z.string().max(300).optional(),
  homepage: z.string().max(255).optional(),
  visibility: z.enum(['private', 'internal', 'public']).optional(),
  repoVisibility: z.enum(['private', 'internal', 'public']).optional(),
  topics: z.array(z.string().regex(/^[a-z0-9][a-z0-9-]{0,49}$/, 'must be lower-case letters, digits and dashes')).max(20).optional(),
  customProperties: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
  deleteBranchOnMerge: z.boolean().default(true),
  allowMergeCommit: z.boolean().optional(),
  allowSquashMerge: z.boolean().optional(),
  squashMergeCommitTitle: z.enum(['PR_TITLE', 'COMMIT_OR_PR_TITLE']).optional(),
  squashMergeCommitMessage: z.enum(['PR_BODY', 'COMMIT_MESSAGES', 'BLANK']).optional(),
  allowRebaseMerge: z.boolean().optional(),
  allowAutoMerge: z.boolean().optional(),
  hasIssues: z.boolean().optional(),
  hasProjects: z.boolean().optional(),
  hasWiki: z.boolean().optional(),
};

export type RepositorySettings = z.output<z.ZodObject<typeof repositorySettings>>;

/** What the call that creates it takes of these; topics it does not take. */
export function settingsOnCreation(settings: RepositorySettings) {
  const visibility = settings.repoVisibility ?? settings.visibility ?? 'private';
  return {
    private: visibility !== 'public',
    // The typed method does not know `internal`, which GitHub Enterprise has.
    visibility: visibility as 'private',
    ...given({
      homepage: settings.homepage,
      custom_properties: settings.customProperties,
      delete_branch_on_merge: settings.deleteBranchOnMerge,
      allow_merge_commit: settings.allowMergeCommit,
      allow_squash_merge: settings.allowSquashMerge,
      squash_merge_commit_title: settings.squashMergeCommitTitle,
      squash_merge_commit_message: settings.squashMergeCommitMessage,
      allow_rebase_merge: settings.allowRebaseMerge,
      allow_auto_merge: settings.allowAutoMerge,
      has_issues: settings.hasIssues,
      has_projects: settings.hasProjects,
      has_wiki: settings.hasWiki,
    }),
  };
}

/** What is not said is left to GitHub and the organisation. */
function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
