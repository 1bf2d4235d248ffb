import { byReason, byText, byWords, type ExplainedAlarm } from './explanations.ts';
import type { PhoneAlarm } from './read-alarm.ts';

/** Turns what a phone said into a cause and a next step. The words count before the number: numbers were given anew. */
export function explainPhoneAlarm({ source, code, words }: PhoneAlarm): ExplainedAlarm {
  const found =
    (words === undefined ? undefined : byWords(words)) ??
    (code === undefined ? undefined : source === 'xml' ? byReason.get(code) : byText(code));
  return found ?? unknown(code, words);
}

function unknown(code: number | undefined, words: string | undefined): ExplainedAlarm {
  const said = [code === undefined ? '' : `number ${code}`, words ?? ''].filter((part) => part !== '').join(', ');
  return {
    kind: 'unknown',
    cause: said === '' ? 'The phone gave no reason.' : `The phone said something that nothing is known of: ${said}.`,
    nextStep: 'Read the status messages of the phone, and the events of the device at that time.',
    confidence: 'unknown',
  };
}
