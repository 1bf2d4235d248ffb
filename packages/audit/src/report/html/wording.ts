import type { Harm, ReportEnd, ReportStream, Verdict } from '../../model/report.ts';

/** What a verdict is called, and what it means to somebody who never read a manual. */
export const verdictWords: Readonly<Record<Verdict, { readonly name: string; readonly meaning: string }>> = {
  heard: { name: 'Heard', meaning: 'What was said was recovered from the capture.' },
  'digits-heard': { name: 'Digits heard', meaning: 'Keys that were pressed could be read; what was said could not.' },
  'keys-exposed': { name: 'Keys exposed', meaning: 'A key of the audio lies open to whoever sees the network.' },
  'metadata-only': { name: 'Metadata only', meaning: 'Who called whom can be read; what was said cannot.' },
  'cannot-tell': { name: 'Cannot tell', meaning: 'The capture does not show enough to say.' },
  protected: { name: 'Protected', meaning: 'All audio that was seen is encrypted, and no key of it lies open.' },
};

export const harmWords: Readonly<Record<Harm, string>> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  information: 'For information',
};

export const protocolWords: Readonly<Record<string, string>> = {
  sip: 'SIP',
  skinny: 'Skinny',
  h323: 'H.323',
  mgcp: 'MGCP',
  tls: 'TLS',
  dtls: 'DTLS',
  ike: 'IKE',
  esp: 'ESP',
  ssh: 'SSH',
  rtp: 'RTP',
  rtcp: 'RTCP',
  stun: 'STUN',
  http: 'HTTP',
  tftp: 'TFTP',
  capf: 'CAPF',
  tvs: 'TVS',
  udp: 'UDP',
  tcp: 'TCP',
};

export function protocolName(protocol: string): string {
  return Object.hasOwn(protocolWords, protocol) ? (protocolWords[protocol] as string) : protocol;
}

/** `1 call`, `2 calls`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** Digits in groups of three: `10,000`. */
export function grouped(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `0.4 s`, `37 s`, `4 min 12 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return whole % 60 === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return minutes % 60 === 0
    ? `${grouped(minutes / 60)} h`
    : `${grouped(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** `512 octets`, `1.4 MB`. */
export function size(octets: number): string {
  if (octets < 1000) return counted(octets, 'octet');
  for (const [unit, of] of [
    ['kB', 1e3],
    ['MB', 1e6],
    ['GB', 1e9],
  ] as const) {
    if (octets < of * 1000 || unit === 'GB') return `${(octets / of).toFixed(octets < of * 10 ? 1 : 0)} ${unit}`;
  }
  return '';
}

/** A time of the report as its day and its clock, both UTC; the text as it is where it is none. */
export function dayAndClock(time: string): { readonly day: string; readonly clock: string } {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/.exec(time);
  return match === null ? { day: time, clock: '' } : { day: match[1] as string, clock: match[2] as string };
}

/** `2026-03-04 10:15:00 UTC`. */
export function moment(time: string): string {
  const { day, clock } = dayAndClock(time);
  return clock === '' ? day : `${day} ${clock} UTC`;
}

/** Longest name in a heading or a line; in full it stands with what is known of the call. */
const LONGEST_LABEL = 60;

/** What an end is called: a name with its number, or whatever is known. */
export function endName(end: ReportEnd): string {
  const number = end.number ?? end.uri ?? null;
  if (end.name !== null && number !== null && end.name !== number) return `${label(end.name)} (${label(number)})`;
  return label(end.name ?? number ?? end.device ?? end.addresses[0] ?? 'unknown');
}

function label(text: string): string {
  const characters = [...text];
  return characters.length > LONGEST_LABEL ? `${characters.slice(0, LONGEST_LABEL).join('')}…` : text;
}

export const stateWords: Readonly<Record<ReportStream['state'], string>> = {
  clear: 'In the clear',
  opened: 'Opened with a key',
  encrypted: 'Encrypted',
  unknown: 'Not known',
};

export const keySourceWords: Readonly<Record<string, string>> = {
  sdes: 'SDP (a=crypto)',
  skinny: 'a Skinny message',
  'h235.8': 'H.245 (H.235.8)',
  mgcp: 'MGCP',
  'dtls-exporter': 'the DTLS handshake, opened with a key that was given',
  given: 'the key file that was given',
};

export const digitWords: Readonly<Record<string, string>> = {
  rfc4733: 'telephone-events in RTP (RFC 4733)',
  'sip-info': 'SIP INFO',
  'skinny-keypad': 'Skinny key-pad messages',
  'h245-user-input': 'H.245 user input',
  'q931-keypad': 'Q.931 key-pad',
  mgcp: 'MGCP',
  'in-band-tones': 'tones in the audio',
};
