import type { CatalogueEntry } from './entry.ts';
import { bySystem, requireSrtp, tlsEverywhere } from './how.ts';

const byKeyPresses = {
  asterisk: 'endpoint: dtmf_mode=rfc4733',
  freeswitch: 'dtmf-type=rfc2833 in the profile, liberal-dtmf=false',
  cucm: 'SIP trunk: DTMF Signaling Method "RFC 2833"; phones: encrypted profile, so that key presses go by TLS',
  kamailio: 'reject INFO with application/dtmf-relay: 415',
  gateway: 'dial-peer: dtmf-relay rtp-nte',
} as const;

/** Of digits: card numbers, PINs, codes of voice menus. */
export const digitCatalogue: readonly CatalogueEntry[] = [
  {
    code: 'card-number-heard',
    harm: 'critical',
    title: 'A card number was heard',
    means:
      'Digits that were keyed in, or written in a message or in place of a name or number, lay open, and make a number of a card’s length and prefix that passes Luhn’s check.',
    why: 'A tap has the card number. Its digits are masked here.',
    rules: ['PCI DSS 4.0 §4.2.1', 'PCI DSS 4.0 §3.5.1'],
    fix: 'Require SRTP, and carry the signalling and its keys by TLS, before cards are taken on this way.',
    how: bySystem(requireSrtp, tlsEverywhere),
  },
  {
    code: 'digits-in-clear-signalling',
    harm: 'high',
    title: 'Digits in signalling that lies open',
    means: 'Key presses went as messages (SIP INFO, KPML, Skinny key-pad, Q.931, H.245) without encryption.',
    why: 'PINs and card numbers are read off the wire, also where the voice beside them is encrypted.',
    rules: ['PCI DSS 4.0 §4.2.1', 'RFC 6086 §8'],
    fix: 'Carry this signalling by TLS, or send digits as RFC 4733 events within SRTP.',
    how: bySystem(tlsEverywhere, byKeyPresses),
  },
  {
    code: 'digits-in-clear-media',
    harm: 'high',
    title: 'Digits in media that lies open',
    means: 'Key presses were read from events (RFC 4733) or from tones in clear audio.',
    why: 'PINs and card numbers are read off the wire.',
    rules: ['PCI DSS 4.0 §4.2.1', 'RFC 4733 §6'],
    fix: 'Require SRTP, with TLS for the signalling that carries its keys: events and tones are encrypted with the voice.',
    how: bySystem(requireSrtp, tlsEverywhere),
  },
];
