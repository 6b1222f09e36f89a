import { z } from 'zod';
import { warningAt } from './finding.js';
import type { Finding, FindingPath } from './finding.js';
import type { TemplateDocument } from './template-document.js';

const If = z.union([z.boolean(), z.string()]).optional();
const Text = z.string().optional();
const Link = z
  .strictObject({ title: Text, icon: Text, url: Text, entityRef: Text, if: If })
  .refine((link) => link.url !== undefined || link.entityRef !== undefined, 'needs a "url" or an "entityRef"');
const Note = z.strictObject({ title: Text, icon: Text, content: Text, default: z.boolean().optional(), if: If });
const Output = z.looseObject({ links: z.array(Link).optional(), text: z.array(Note).optional() });

/** A link that goes nowhere stops no run, so these are warnings. Keys of the template's own are anybody's. */
export function outputFindings({ spec }: TemplateDocument): Finding[] {
  const issues = Output.safeParse(spec.output).error?.issues ?? [];
  return issues.map((issue) => warningAt(['spec', 'output', ...(issue.path as FindingPath)], 'output_invalid', `It ${fault(issue)}.`));
}

function fault(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `has ${issue.keys.map((key) => `"${key}"`).join(', ')}, which nothing reads`;
  return issue.code === 'custom' ? issue.message : `is not as it should be: ${issue.message}`;
}
