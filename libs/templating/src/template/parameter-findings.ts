import type { FormPage } from '@slipway/contracts';
import { entriesOfPages, mentionsIn, pageFaults } from '../parameters/parameter-pages.js';
import { nestedSecrets, secretFields } from '../parameters/secret-fields.js';
import { errorAt, warningAt } from './finding.js';
import type { Finding, FindingPath } from './finding.js';
import type { TemplateDocument } from './template-document.js';

/** What is wrong, or doubtful, in the form. */
export function parameterFindings({ spec }: TemplateDocument): Finding[] {
  const at = ['spec', 'parameters'];
  return [
    ...spec.parameters.flatMap((page, index) => schemaFindings(page, [...at, index])),
    ...(spec.secrets?.schema ? schemaFindings(spec.secrets.schema, ['spec', 'secrets', 'schema']) : []),
    ...valuesInClear(spec.parameters).map((message) => warningAt(at, 'secret_in_clear', message)),
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

function schemaFindings(page: FormPage, at: FindingPath): Finding[] {
  return pageFaults(page).map(({ severity, path, message }) =>
    severity === 'error'
      ? errorAt([...at, ...path], 'parameters_invalid', message)
      : warningAt([...at, ...path], path.at(-1) === 'pattern' ? 'pattern_not_linear' : 'parameters_ignored', message),
  );
}

/** What looks like a secret and rests in clear all the same. */
function valuesInClear(pages: readonly FormPage[]): string[] {
  const secret = secretFields(pages);
  const said = pages.flatMap(mentionsIn).flatMap(([name, property]) => {
    if (secret.has(name)) return property['default'] === undefined ? [] : [`The default of the secret field "${name}" stands in the template, for everybody to read.`];
    const masked = property['ui:widget'] === 'password' || property['format'] === 'password';
    return masked ? [`"${name}" is not shown while it is typed, but is stored like any other parameter; for a secret say "ui:field: Secret" and read it as secrets.${name}.`] : [];
  });
  return [...new Set(said)];
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
