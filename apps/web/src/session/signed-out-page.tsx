import { useTitle } from '../shown/use-title.js';

export function SignedOutPage() {
  useTitle('Sign in');
  return (
    <section className="narrow">
      <h1>Sign in to Slipway</h1>
      <p>You sign in with a link that works once, in the browser you open it in.</p>
      <ul>
        <li>
          On your own machine, <code>npm start</code> and <code>npm run demo</code> print such a link when everything is ready.
        </li>
        <li>Elsewhere, ask your platform team: an administrator’s client creates one for your e-mail address.</li>
      </ul>
      <p>After opening the link you are back here, signed in.</p>
    </section>
  );
}
