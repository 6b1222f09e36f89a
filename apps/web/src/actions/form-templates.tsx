import { type BaseInputTemplateProps, type FieldErrorProps, type FieldTemplateProps, type FormContextType, errorId, getTemplate, getUiOptions, type RJSFSchema } from '@rjsf/utils';
import { getDefaultRegistry } from './form-library.js';

type Data = Record<string, unknown>;

/** A field: its label, what it is for, the input, what is wrong with it, and help; all tied together for readers. */
function FieldTemplate(props: FieldTemplateProps<Data>) {
  const { id, label, children, errors, help, description, hidden, required, displayLabel, registry, uiSchema } = props;
  if (hidden) return <div hidden>{children}</div>;
  const options = getUiOptions(uiSchema);
  const Wrap = getTemplate<'WrapIfAdditionalTemplate', Data>('WrapIfAdditionalTemplate', registry, options);
  const inner = (
    <>
      {displayLabel && description}
      {children}
      {errors}
      {help}
    </>
  );
  if (!displayLabel || options.widget === 'checkbox') return <Wrap {...props}>{inner}</Wrap>;
  if (options.widget === 'radio' || options.widget === 'checkboxes') {
    return (
      <Wrap {...props}>
        <fieldset className="choice">
          <legend>{label}</legend>
          {inner}
        </fieldset>
      </Wrap>
    );
  }
  return (
    <Wrap {...props}>
      <label htmlFor={id}>
        {label}
        {!required && <span className="quiet small"> optional</span>}
      </label>
      {inner}
    </Wrap>
  );
}

function FieldErrors({ errors = [], fieldPathId }: FieldErrorProps<Data>) {
  if (errors.length === 0) return null;
  return (
    <ul id={errorId(fieldPathId)} className="field-errors">
      {errors.map((error, index) => (
        <li key={index}>{error}</li>
      ))}
    </ul>
  );
}

const { BaseInputTemplate: PlainInput } = getDefaultRegistry<Data, RJSFSchema, FormContextType>().templates;

/** The library's input, which also says when its value is wrong. */
function BaseInputTemplate(props: BaseInputTemplateProps<Data>) {
  // Browsers fill a password of their own into a field that is merely "off".
  const autoComplete = props.type === 'password' ? 'new-password' : 'off';
  return <PlainInput {...props} autoComplete={autoComplete} spellCheck={false} aria-invalid={(props.rawErrors?.length ?? 0) > 0} />;
}

export const formTemplates = { FieldTemplate, FieldErrorTemplate: FieldErrors, BaseInputTemplate };
