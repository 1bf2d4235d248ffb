import type { CallEnding } from '../call/ending.ts';

/**
 * What a call came to by the words that the manager leaves on the display, in the languages that it has (English, German,
 * French). Skinny has no code for it: a display, a tone and three states that all failures share (`CallState` Busy,
 * Congestion, InvalidNumber), so that scripts would learn less from a phone of Skinny than from one of SIP.
 */
const endings: ReadonlyMap<string, CallEnding> = new Map(
  Object.entries({
    busy: ['Busy', 'Besetzt', 'Occupé', 'Taken elsewhere', 'Anderswo angenommen', 'Pris ailleurs'],
    'no-answer': [
      ...['No answer', 'Keine Antwort', 'Pas de réponse'],
      ...['Not registered', 'Nicht angemeldet', 'Poste non enregistré'],
      ...['The phone did not react', 'Telefon reagiert nicht', 'Le poste ne réagit pas'],
    ],
    'no-such-number': [
      ...['No such number', 'Nummer gibt es nicht', 'Numéro inconnu'],
      ...['Number not complete', 'Nummer unvollständig', 'Numéro incomplet'],
    ],
    refused: [
      ...['Rejected', 'Abgelehnt', 'Refusé'],
      ...['No right to this number', 'Kein Recht auf diese Nummer', 'Numéro non autorisé'],
      ...['No right to that', 'Kein Recht dazu', 'Non autorisé'],
      ...['No bandwidth left', 'Keine Bandbreite frei', 'Bande passante épuisée'],
      ...['No codec in common', 'Kein gemeinsamer Codec', 'Aucun codec commun'],
    ],
    'refused-for-security': [
      ...['Encryption required', 'Verschlüsselung nötig', 'Chiffrement exigé'],
      ...['Encryption was lost', 'Verschlüsselung verloren', 'Chiffrement perdu'],
      ...['No encryption allowed', 'Keine Verschlüsselung erlaubt', 'Chiffrement interdit'],
      ...['Encryption failed', 'Verschlüsselung misslungen', 'Chiffrement échoué'],
    ],
    unreachable: [
      ...['All lines are busy', 'Alle Leitungen belegt', 'Lignes occupées'],
      ...['Service is closing', 'Dienst wird beendet', 'Service en arrêt'],
    ],
  } satisfies Partial<Record<CallEnding, readonly string[]>>).flatMap(([ending, words]) =>
    words.map((one) => [one, ending as CallEnding] as const),
  ),
);

/** The same of a trunk or gateway that is named, and whose signalling has lost its protection for good. */
const notBack = /^IPsec (?:to .+ did not come back|zu .+ kam nicht wieder|vers .+ pas revenu)$/;

/** What is shown in a call while that is gone, and when it is back. */
const protectionWords = /^IPsec (?:to .+ is (?:gone|back)|zu .+ ist (?:weg|wieder da)|vers .+ (?:perdu|rétabli))$/;

/** Undefined for words of another manager, or of none of these languages. */
export function endingOfWords(words: string): CallEnding | undefined {
  return notBack.test(words) ? 'unreachable' : endings.get(words);
}

/** Whether words on the display are about what protects the signalling further on. */
export function isAboutProtection(words: string): boolean {
  return protectionWords.test(words);
}
