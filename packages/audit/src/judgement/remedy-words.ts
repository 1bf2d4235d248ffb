/** Changes that silence calls, by their words: apart from calls, for the page in a browser has it too. */

/** What of a call is to be protected for nothing of it to be heard or read. */
export interface Needs {
  /** Media of it went in the clear. */
  readonly media: boolean;
  /** Protocols of its signalling that lay open, or in which the keys of that media would stand. */
  readonly signalling: readonly Protocol[];
}

export const protocols = ['sip', 'skinny', 'h323', 'mgcp'] as const;
type Protocol = (typeof protocols)[number];

const forSignalling: Readonly<Record<Protocol, string>> = {
  sip: 'Carry the signalling by TLS on every hop.',
  skinny: 'Give the phones an encrypted security profile, so that their Skinny goes by TLS (port 2443).',
  h323: 'Put the signalling between these gateways into IPsec (or TLS by H.235.0), or use SIP by TLS.',
  mgcp: 'Put MGCP between the gateway and the call manager into IPsec, or use SIP by TLS.',
};

const forBoth: Readonly<Record<Protocol, string>> = {
  sip: 'Require SRTP on both ends, with TLS for the signalling on every hop: keys in open signalling protect nothing.',
  skinny: 'Give the phones an encrypted security profile: SRTP for their media, and TLS for their Skinny (port 2443).',
  h323: 'Require SRTP (H.235.8) on both ends, with their signalling in IPsec (or TLS by H.235.0): keys in open signalling protect nothing.',
  mgcp: 'Require SRTP on both ends, with MGCP in IPsec: keys in open signalling protect nothing.',
};

/** Every remedy by its words, so that what one protects is known of a report that was read, too. */
const needsByWords: ReadonlyMap<string, Needs> = new Map(
  Array.from({ length: 2 ** (protocols.length + 1) - 1 }, (_, index) => {
    const needs = {
      media: ((index + 1) & 1) === 1,
      signalling: protocols.filter((_protocol, bit) => ((index + 1) >> (bit + 1)) & 1),
    };
    return [remedyWords(needs), needs] as const;
  }),
);

/** The change that protects what needs it. */
export function remedyWords({ media, signalling }: Needs): string {
  const [only] = signalling;
  if (only === undefined) return 'Require SRTP on both ends, and refuse calls without it.';
  if (signalling.length === 1) return (media ? forBoth : forSignalling)[only];
  const words = signalling.map((protocol) => forSignalling[protocol]).join(' ');
  return media ? `Require SRTP on every leg. ${words}` : words;
}

/** Whether who does as `fix` says has done what `other` asks for. */
export function covers(fix: string, other: string): boolean {
  if (fix === other) return true;
  const [all, some] = [needsByWords.get(fix), needsByWords.get(other)];
  if (all === undefined || some === undefined) return false;
  return (all.media || !some.media) && some.signalling.every((protocol) => all.signalling.includes(protocol));
}

/** That of some changes which does most of what the others ask for; of equals the first. */
export function broadest(fixes: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const fix of fixes) counts.set(fix, (counts.get(fix) ?? 0) + 1);
  const done = (fix: string) => [...counts].reduce((sum, [other, count]) => sum + (covers(fix, other) ? count : 0), 0);
  const ranked = [...counts.keys()].map((fix) => ({ fix, done: done(fix) }));
  // Of those that do the same for these calls, the one that asks for less.
  ranked.sort(
    (one, other) => other.done - one.done || Number(covers(one.fix, other.fix)) - Number(covers(other.fix, one.fix)),
  );
  return ranked[0]?.fix;
}
