import { StepError } from '@slipway/engine';

/** What became of the service that holds the customer's fragment of a key, without which nothing that the key protects opens. */
export type FragmentTrouble = 'lost' | 'crashed' | 'unreachable';

/** From the Gateway's words over a call that needed the fragment; null: they are about something else. */
export function readFragmentTrouble(text: string): FragmentTrouble | null {
  if (!/derived[ -]key|customer fragment/i.test(text)) return null;
  // A port or a path is no status.
  const [, status] = /\b(404|500)\b/.exec(text.replace(/\w+:\/\/\S+/g, '')) ?? [];
  if (status === undefined) return 'unreachable';
  return status === '404' ? 'lost' : 'crashed';
}

/** `could` begins the sentence: `Akeyless could not read akeyless:/shop`. */
export function fragmentError(trouble: FragmentTrouble, could: string): StepError {
  switch (trouble) {
    case 'lost':
      return new StepError('fatal', 'akeyless_fragment_lost', `${could}: the customer fragment's service has lost its fragment (404).`, {
        remedy:
          "Restore the service's volume from its backup, then retry. Do not make a new fragment: what the old one protects would stay closed.",
      });
    case 'crashed':
      return new StepError('retry', 'akeyless_fragment_crashed', `${could}: the customer fragment's service has failed (500).`, {
        remedy: 'Restart the service and read its log. It is tried again meanwhile.',
      });
    case 'unreachable':
      return new StepError('retry', 'akeyless_fragment_unreachable', `${could}: the customer fragment's service does not answer.`, {
        remedy: 'Check that the machine it runs on is up and that the Gateway reaches it. It is tried again meanwhile.',
      });
  }
}
