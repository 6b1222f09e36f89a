import { EntityName, SlipwayError } from '@slipway/contracts';
import type { TemplateContext } from 'nunjitsu';
import type { LoadedTemplate } from '../template/load-template.js';
import { createStrictRenderer, RenderFailure } from '../expressions/strict-renderer.js';

const renderer = createStrictRenderer();

/**
 * The name of the entity that a CREATE makes, from `spec.identifier` and the checked parameters. Throws `SlipwayError`
 * `invalid_input` when what comes out is no entity name.
 */
export function entityIdentifier(template: Pick<LoadedTemplate, 'document'>, parameters: Record<string, unknown>): string {
  const expression = template.document.spec.identifier;
  try {
    const parsed = EntityName.safeParse(renderer.render(expression, renderer.prepare(JSON.parse(JSON.stringify({ parameters })) as TemplateContext)));
    if (parsed.success) return parsed.data;
    throw refused(parsed.error.issues.map((issue) => issue.message).join('; '), expression);
  } catch (error) {
    if (error instanceof RenderFailure) throw refused(error.message, expression);
    throw error;
  }
}

function refused(why: string, expression: string): SlipwayError {
  const name = /parameters\.(\w+)/.exec(expression)?.[1];
  const path = name ? `properties.${name}` : 'properties';
  const message = `The entity's name, ${expression}, is not allowed: ${why}.`;
  return new SlipwayError('invalid_input', message, [{ path, code: 'identifier', message }]);
}
