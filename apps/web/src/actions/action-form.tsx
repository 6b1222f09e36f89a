import { useEffect, useMemo, useRef, useState } from 'react';
import type { Action } from '../api/actions.js';
import { navigate } from '../navigation/navigate.js';
import { runPath } from '../navigation/route.js';
import { Notice } from '../shown/notice.js';
import { submitInWords } from '../shown/wording.js';
import { EntityChoice } from './entity-choice.js';
import { Form } from './form-library.js';
import { splitPage } from './form-page.js';
import { formTemplates } from './form-templates.js';
import { errorsAtFields, formValidator } from './form-validator.js';
import { Review } from './review.js';
import { useRequest } from './use-request.js';

interface ActionFormProps {
  action: Action;
  /** Null where the action makes a new entity. */
  entities: string[] | null;
  chosen: string | null;
}

/** The action's form, page after page; the last page sends. Faults that the server finds lead back to their page and field. */
export function ActionForm({ action, entities, chosen }: ActionFormProps) {
  const pages = useMemo(() => (action.pages.length > 0 ? action.pages : [{}]).map(splitPage), [action]);
  const [at, setAt] = useState(0);
  const [data, setData] = useState<Record<string, unknown>[]>(() => pages.map(() => ({})));
  const [entity, setEntity] = useState(chosen ?? '');
  const [tried, setTried] = useState(false);
  const { send, sending, issues, clear } = useRequest(action.identifier, pages);
  const page = pages[at];
  const extraErrors = useMemo(() => errorsAtFields(issues.pages[at] ?? []), [issues, at]);
  const form = useRef<HTMLDivElement>(null);
  // Where the form itself found nothing, what the server found takes the focus.
  useEffect(() => {
    if (!sending && issues.pages[at]?.length) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [issues, at, sending]);
  if (!page) return null;

  const isLast = at === pages.length - 1;
  const goTo = (next: number): void => {
    setTried(false);
    setAt(next);
  };
  const keep = (values: Record<string, unknown>): void => setData(data.map((old, index) => (index === at ? values : old)));
  const submit = async (values: Record<string, unknown>): Promise<void> => {
    keep(values);
    if (entities && entity === '') return setTried(true);
    if (!isLast) return goTo(at + 1);
    const properties = Object.fromEntries([...data.slice(0, at), values].flatMap((part) => Object.entries(part)));
    const outcome = await send({ properties, ...(entities ? { entity } : {}) });
    if ('run' in outcome) navigate(runPath(outcome.run));
    else if (outcome.page !== null) goTo(outcome.page);
  };

  return (
    <div ref={form}>
      {pages.length > 1 && (
        <p className="quiet" aria-live="polite">
          Page {at + 1} of {pages.length}
        </p>
      )}
      {page.title !== '' && page.title !== action.title && <h2>{page.title}</h2>}
      {page.description !== '' && <p>{page.description}</p>}
      {issues.others.map((message) => (
        <Notice key={message} title={message} />
      ))}
      {entities && at === 0 && (
        <EntityChoice blueprint={action.blueprint} entities={entities} value={entity} missing={tried && entity === ''} onChange={setEntity} />
      )}
      <Form<Record<string, unknown>>
        key={at}
        schema={page.schema}
        uiSchema={page.uiSchema}
        formData={data[at] ?? {}}
        validator={formValidator}
        templates={formTemplates}
        extraErrors={extraErrors}
        idPrefix="input"
        noHtml5Validate
        showErrorList={false}
        focusOnFirstError
        {...(tried ? { liveValidate: 'onChange' as const } : {})}
        disabled={sending}
        onChange={({ formData }) => {
          clear(at);
          keep(formData ?? {});
        }}
        onError={() => setTried(true)}
        onSubmit={({ formData }) => void submit(formData ?? {})}
      >
        {isLast && <Review pages={pages.slice(0, at)} data={data} />}
        <div className="controls">
          {at > 0 && (
            <button type="button" className="button" onClick={() => goTo(at - 1)}>
              Back
            </button>
          )}
          <button type="submit" className={`button ${action.operation === 'DELETE' ? 'button-danger' : 'button-main'}`} disabled={sending}>
            {sending ? 'Sending…' : isLast ? submitInWords[action.operation] : 'Next'}
          </button>
        </div>
      </Form>
    </div>
  );
}
