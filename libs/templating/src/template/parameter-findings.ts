import { entriesOfPages, pageFaults } from '../parameters/parameter-pages.js';
import { nestedSecrets, secretFields } from '../parameters/secret-fields.js';
import { errorAt, warningAt } from './finding.js';
import type { Finding } from './finding.js';
import type { TemplateDocument } from './template-document.js';

/** What is wrong, or doubtful, in the form. */
export function parameterFindings({ spec }: TemplateDocument): Finding[] {
  const at = ['spec', 'parameters'];
  return [
    ...spec.parameters.flatMap((page, index) =>
      pageFaults(page).map(({ severity, path, message }) =>
        severity === 'error'
          ? errorAt([...at, index, ...path], 'parameters_invalid', message)
          : warningAt([...at, index, ...path], path.at(-1) === 'pattern' ? 'pattern_not_linear' : 'parameters_ignored', message),
      ),
    ),
    ...nestedSecrets(spec.parameters).map((path) =>
      errorAt(at, 'secret_nested', `The secret field ${path} lies inside of another; ask for it on its own, beside the others.`),
    ),
    ...[...credentialSecrets(spec)].map((name) =>
      warningAt(
        at,
        'user_credentials',
        `"requestUserCredentials" asks nobody here: secrets.${name} is empty, and steps use the integration's own credential.`,
      ),
    ),
  ];
}

/** Every name that `secrets.NAME` may have: fields, what an API client is to give, and a person's own credential. */
export function declaredSecrets(spec: TemplateDocument['spec']): Set<string> {
  const { properties = {} } = spec.secrets?.schema ?? {};
  return new Set([...secretFields(spec.parameters), ...Object.keys(properties), ...credentialSecrets(spec)]);
}

function credentialSecrets(spec: TemplateDocument['spec']): Set<string> {
  const keys = [...entriesOfPages(spec.parameters).values()].map((property) => {
    const options = property['ui:options'] as { requestUserCredentials?: { secretsKey?: unknown } } | undefined;
    return options?.requestUserCredentials?.secretsKey;
  });
  return new Set(keys.filter((key) => typeof key === 'string'));
}
