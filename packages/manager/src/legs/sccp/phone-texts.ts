import type { Cause } from '@trustline/callcontrol';

/** The languages that phones are written to in. */
export type PhoneLanguage = 'en' | 'de' | 'fr';

/** What a phone shows beside its own words. `{}` stands for a number or name. */
export interface PhoneTexts {
  readonly enterNumber: string;
  readonly calling: string;
  readonly ringsAt: string;
  /** It rings for somebody who is in another call. */
  readonly waitsAt: string;
  readonly from: string;
  readonly unknownCaller: string;
  readonly connected: string;
  /** Encrypted up to a trunk or gateway, and unknown beyond. */
  readonly encryptedTo: string;
  /** What protects the signalling to a trunk or gateway is gone, is back, or did not come back. */
  readonly protectionGone: string;
  readonly protectionBack: string;
  readonly protectionNotBack: string;
  readonly onHold: string;
  readonly otherEndHolds: string;
  readonly transferTo: string;
  readonly transferred: string;
  readonly conferenceWith: string;
  readonly parkedAt: string;
  readonly forwardTo: string;
  readonly forwardedTo: string;
  readonly forwardingOff: string;
  readonly doNotDisturb: string;
  readonly callBackSet: string;
  readonly notAvailable: string;
  readonly messageWaiting: string;
  /** Why a call ended is told in more words than a phone's language has where those words are of this language. */
  readonly readsReasons: boolean;
  readonly ends: Partial<Readonly<Record<Cause, string>>> & { readonly other: string };
}

const english: PhoneTexts = {
  enterNumber: 'Enter number',
  calling: 'To {}',
  ringsAt: 'Ring out: {}',
  waitsAt: 'In another call: {}',
  from: 'From {}',
  unknownCaller: 'Private',
  connected: 'Connected',
  encryptedTo: 'Encrypted up to {}',
  protectionGone: 'IPsec to {} is gone',
  protectionBack: 'IPsec to {} is back',
  protectionNotBack: 'IPsec to {} did not come back',
  readsReasons: true,
  onHold: 'Hold',
  otherEndHolds: 'Held by other end',
  transferTo: 'Transfer: enter number',
  transferred: 'Transferred',
  conferenceWith: 'Conference: enter number',
  parkedAt: 'Parked at {}',
  forwardTo: 'Forward all calls: enter number',
  forwardedTo: 'Forwarded to {}',
  forwardingOff: 'Forwarding is off',
  doNotDisturb: 'Do not disturb',
  callBackSet: 'Call back is set',
  notAvailable: 'Not available here',
  messageWaiting: 'You have a message',
  ends: {
    'unallocated-number': 'No such number',
    'user-busy': 'Busy',
    'no-answer': 'No answer',
    'no-user-responding': 'The phone did not react',
    'subscriber-absent': 'Not registered',
    'call-rejected': 'Rejected',
    'invalid-number-format': 'Number not complete',
    'outgoing-calls-barred': 'No right to this number',
    'facility-not-subscribed': 'No right to that',
    'security-required': 'Encryption required',
    'security-lost': 'Encryption was lost',
    'security-forbidden': 'No encryption allowed',
    'key-reused': 'Encryption failed',
    'switching-equipment-congestion': 'All lines are busy',
    'service-unavailable': 'Service is closing',
    bandwidth: 'No bandwidth left',
    'incompatible-destination': 'No codec in common',
    'destination-out-of-order': 'Connection lost',
    'answered-elsewhere': 'Taken elsewhere',
    other: 'Call failed',
  },
};

const german: PhoneTexts = {
  enterNumber: 'Nummer eingeben',
  calling: 'An {}',
  ringsAt: 'Klingelt: {}',
  waitsAt: 'Spricht gerade: {}',
  from: 'Von {}',
  unknownCaller: 'Unbekannt',
  connected: 'Verbunden',
  encryptedTo: 'Verschlüsselt bis {}',
  protectionGone: 'IPsec zu {} ist weg',
  protectionBack: 'IPsec zu {} ist wieder da',
  protectionNotBack: 'IPsec zu {} kam nicht wieder',
  readsReasons: false,
  onHold: 'Gehalten',
  otherEndHolds: 'Gegenstelle hält',
  transferTo: 'Übergeben: Nummer eingeben',
  transferred: 'Übergeben',
  conferenceWith: 'Konferenz: Nummer eingeben',
  parkedAt: 'Geparkt auf {}',
  forwardTo: 'Umleiten: Nummer eingeben',
  forwardedTo: 'Umgeleitet an {}',
  forwardingOff: 'Umleitung ist aus',
  doNotDisturb: 'Nicht stören',
  callBackSet: 'Rückruf ist gesetzt',
  notAvailable: 'Hier nicht verfügbar',
  messageWaiting: 'Neue Nachricht',
  ends: {
    'unallocated-number': 'Nummer gibt es nicht',
    'user-busy': 'Besetzt',
    'no-answer': 'Keine Antwort',
    'no-user-responding': 'Telefon reagiert nicht',
    'subscriber-absent': 'Nicht angemeldet',
    'call-rejected': 'Abgelehnt',
    'invalid-number-format': 'Nummer unvollständig',
    'outgoing-calls-barred': 'Kein Recht auf diese Nummer',
    'facility-not-subscribed': 'Kein Recht dazu',
    'security-required': 'Verschlüsselung nötig',
    'security-lost': 'Verschlüsselung verloren',
    'security-forbidden': 'Keine Verschlüsselung erlaubt',
    'key-reused': 'Verschlüsselung misslungen',
    'switching-equipment-congestion': 'Alle Leitungen belegt',
    'service-unavailable': 'Dienst wird beendet',
    bandwidth: 'Keine Bandbreite frei',
    'incompatible-destination': 'Kein gemeinsamer Codec',
    'destination-out-of-order': 'Verbindung verloren',
    'answered-elsewhere': 'Anderswo angenommen',
    other: 'Anruf misslungen',
  },
};

const french: PhoneTexts = {
  enterNumber: 'Composez le numéro',
  calling: 'Vers {}',
  ringsAt: 'Sonne : {}',
  waitsAt: 'Déjà en ligne : {}',
  from: 'De {}',
  unknownCaller: 'Privé',
  connected: 'Connecté',
  encryptedTo: "Chiffré jusqu'à {}",
  protectionGone: 'IPsec vers {} perdu',
  protectionBack: 'IPsec vers {} rétabli',
  protectionNotBack: 'IPsec vers {} pas revenu',
  readsReasons: false,
  onHold: 'En attente',
  otherEndHolds: 'Mis en attente',
  transferTo: 'Transfert : numéro ?',
  transferred: 'Transféré',
  conferenceWith: 'Conférence : numéro ?',
  parkedAt: 'Parqué sur {}',
  forwardTo: 'Renvoi : numéro ?',
  forwardedTo: 'Renvoyé vers {}',
  forwardingOff: 'Renvoi désactivé',
  doNotDisturb: 'Ne pas déranger',
  callBackSet: 'Rappel demandé',
  notAvailable: 'Non disponible ici',
  messageWaiting: 'Nouveau message',
  ends: {
    'unallocated-number': 'Numéro inconnu',
    'user-busy': 'Occupé',
    'no-answer': 'Pas de réponse',
    'no-user-responding': 'Le poste ne réagit pas',
    'subscriber-absent': 'Poste non enregistré',
    'call-rejected': 'Refusé',
    'invalid-number-format': 'Numéro incomplet',
    'outgoing-calls-barred': 'Numéro non autorisé',
    'facility-not-subscribed': 'Non autorisé',
    'security-required': 'Chiffrement exigé',
    'security-lost': 'Chiffrement perdu',
    'security-forbidden': 'Chiffrement interdit',
    'key-reused': 'Chiffrement échoué',
    'switching-equipment-congestion': 'Lignes occupées',
    'service-unavailable': 'Service en arrêt',
    bandwidth: 'Bande passante épuisée',
    'incompatible-destination': 'Aucun codec commun',
    'destination-out-of-order': 'Connexion perdue',
    'answered-elsewhere': 'Pris ailleurs',
    other: "Échec de l'appel",
  },
};

/** What phones show, by language. */
export const phoneTexts: Readonly<Record<PhoneLanguage, PhoneTexts>> = { en: english, de: german, fr: french };

/** Why a call ended, in a phone's language. */
export function endText({ ends }: PhoneTexts, cause: Cause): string {
  return ends[cause] ?? ends.other;
}

/** A text with a number or name in its place. */
export function filled(text: string, value: string): string {
  return text.replace('{}', value);
}
