import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { repositoryRoot } from '../setup/folders.mjs';

const GOLDEN_PATH = path.join(repositoryRoot, 'templates/python-flask-mysql');
const ACTION = 'deploy_python_flask_app';

/** For what is proven of the product, and not of how long GitHub makes it wait. */
const withoutLimits = { integrations: { github: { throttle: false } } };

/**
 * The golden path's CREATE action under other names, its steps unchanged: `deploy_in_sequence` has one step after the other,
 * `deploy_with_pauses` half a second between them, too, and `deploy_and_keep` leaves everything standing after a failure.
 * Written below `folder`, with further `settings` of the overlay; answers an overlay for `npm start` that offers them, and the steps as they come in sequence, each
 * `{ id, action, keeps }`: whether its failure leaves everything standing, whatever the action says.
 */
export function writeVariants(folder, settings = withoutLimits) {
  const place = path.join(folder, 'variants');
  mkdirSync(place, { recursive: true });
  for (const name of readdirSync(GOLDEN_PATH)) {
    if (!isAction(name)) cpSync(path.join(GOLDEN_PATH, name), path.join(place, name), { recursive: true });
  }
  const template = parse(readFileSync(path.join(GOLDEN_PATH, ACTION, 'template.yaml'), 'utf8'));
  const sequence = inOrder(template.spec.steps).map((step) => ({ ...step, needs: undefined }));
  writeTemplate(place, 'deploy_in_sequence', template, { steps: sequence });
  writeTemplate(place, 'deploy_with_pauses', template, { steps: sequence.flatMap((step) => [step, pauseAfter(step)]) });
  writeTemplate(place, 'deploy_and_keep', template, { onFailure: 'keep' });
  const overlay = path.join(folder, 'overlay.yaml');
  writeFileSync(overlay, stringify({ templates: [{ path: place }], ...settings }));
  return { overlay, steps: sequence.map(({ id, action, onFailure }) => ({ id, action, keeps: onFailure === 'keep' })) };
}

function pauseAfter({ id }) {
  return { id: `pause-after-${id}`, name: 'Pause', action: 'debug:wait', input: { seconds: 0.5 } };
}

function isAction(name) {
  return existsSync(path.join(GOLDEN_PATH, name, 'template.yaml'));
}

/** A step after all that it needs; otherwise as they are written. */
function inOrder(steps) {
  const order = [];
  const left = [...steps];
  while (left.length > 0) {
    const index = left.findIndex(({ needs = [] }) => [needs].flat().every((id) => order.some((step) => step.id === id)));
    if (index < 0) throw new Error(`Nothing in the golden path can come after ${order.map(({ id }) => id).join(', ')}.`);
    order.push(...left.splice(index, 1));
  }
  return order;
}

function writeTemplate(place, name, template, spec) {
  mkdirSync(path.join(place, name), { recursive: true });
  const written = { ...template, metadata: { ...template.metadata, name, title: `${template.metadata.title} (${name})` }, spec: { ...template.spec, ...spec } };
  writeFileSync(path.join(place, name, 'template.yaml'), stringify(written));
}
