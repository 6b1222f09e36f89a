import type { ActionView } from '@slipway/contracts';
import type { ActionRecord } from './action-store.js';

export function actionView(action: ActionRecord): ActionView {
  const { identifier, title, description, operation, blueprint, templateDigest } = action;
  return {
    identifier,
    title,
    description,
    operation,
    blueprint,
    templateDigest,
    pages: action.template.document.spec.parameters,
  };
}
