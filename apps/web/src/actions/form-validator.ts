import { type CustomValidator, type ErrorTransformer, type RJSFSchema, type RJSFValidationError, toErrorSchema, type UiSchema, type ValidatorType } from '@rjsf/utils';
import { type Issue, issuesOf } from './issues-in-words.js';

type Data = Record<string, unknown>;

/** What the form library asks of a validator, answered by `issuesOf`. */
export const formValidator: ValidatorType<Data> = {
  validateFormData(
    formData: Data | undefined,
    schema: RJSFSchema,
    _customValidate?: CustomValidator<Data>,
    transformErrors?: ErrorTransformer<Data>,
    uiSchema?: UiSchema<Data>,
  ) {
    const found = issuesOf(schema, formData).map(toFormError);
    const errors = transformErrors ? transformErrors(found, uiSchema) : found;
    return { errors, errorSchema: toErrorSchema<Data>(errors) };
  },
  /** Which branch of a choice the data fits; branches may point at definitions of the whole schema. */
  isValid(schema, formData, rootSchema) {
    const { definitions, $defs } = rootSchema;
    return issuesOf({ ...(definitions ? { definitions } : {}), ...($defs ? { $defs } : {}), ...schema }, formData).length === 0;
  },
  rawValidation<Result>(schema: RJSFSchema, formData?: Data) {
    return { errors: issuesOf(schema, formData) as Result[] };
  },
};

/** Errors that came from the server, shown where the form shows its own. */
export function errorsAtFields(issues: readonly Issue[]) {
  return toErrorSchema<Data>(issues.map(toFormError));
}

function toFormError({ path, keyword, message }: Issue): RJSFValidationError {
  return { name: keyword, property: path.map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`)).join(''), message, stack: message };
}
