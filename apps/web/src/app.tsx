import { useEffect, useRef } from 'react';
import { ActionPage } from './actions/action-page.js';
import { onSignedOut } from './api/call.js';
import { loadPerson, type Person } from './api/session.js';
import { useLoaded } from './api/use-loaded.js';
import { CataloguePage } from './catalogue/catalogue-page.js';
import { EntityPage } from './entities/entity-page.js';
import { Link } from './navigation/link.js';
import { useRoute } from './navigation/navigate.js';
import type { Route } from './navigation/route.js';
import { RunPage } from './runs/run-page.js';
import { Account } from './session/account.js';
import { SignedOutPage } from './session/signed-out-page.js';
import { WhenLoaded } from './shown/loading.js';
import { MissingPage } from './shown/missing-page.js';

export function App() {
  const person = useLoaded<Person | null>(loadPerson);
  const { reload } = person;
  useEffect(() => onSignedOut(reload), [reload]);

  const signedIn = person.state === 'ready' ? person.value : null;
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="top">
        <Link to="/" className="brand">
          <img src="/slipway.svg" alt="" width="28" height="28" />
          Slipway
        </Link>
        {signedIn && <Account person={signedIn} />}
      </header>
      <Main>
        <WhenLoaded from={person}>{(value) => (value ? <Page /> : <SignedOutPage />)}</WhenLoaded>
      </Main>
    </>
  );
}

/** Takes the focus after each move within the portal, as a freshly loaded page would, so that readers start at its top. */
function Main({ children }: { children: React.ReactNode }) {
  const main = useRef<HTMLElement>(null);
  const route = useRoute();
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) main.current?.focus();
    first.current = false;
  }, [route]);
  return (
    <main id="main" ref={main} tabIndex={-1}>
      {children}
    </main>
  );
}

function Page() {
  const route = useRoute();
  return <PageOf key={JSON.stringify(route)} route={route} />;
}

function PageOf({ route }: { route: Route }) {
  switch (route.page) {
    case 'catalogue':
      return <CataloguePage />;
    case 'action':
      return <ActionPage action={route.action} entity={route.entity} />;
    case 'run':
      return <RunPage id={route.run} />;
    case 'entity':
      return <EntityPage blueprint={route.blueprint} id={route.entity} />;
    case 'missing':
      return <MissingPage />;
  }
}
