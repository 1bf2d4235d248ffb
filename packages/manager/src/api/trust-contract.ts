/** The part of the HTTP interface that is about trust lists: what is published, offered, simulated and held. */
import { z } from 'zod';
import type { TrustState } from '../trust/fleet.ts';
import type { PublicationRule } from '../trust/publication.ts';
import type { Answer } from './answer.ts';

/** A trust list that was signed elsewhere, where the tokens are. */
export const publishRequest = z.strictObject({
  /** The file, octet for octet, as base64. */
  list: z.base64().meta({ title: 'trust list' }),
  /** The phones that get it first; all of them when it is left out. */
  wave: z
    .array(z.string())
    .min(1)
    .readonly()
    .optional()
    .meta({ title: 'wave', option: '--wave', examples: ['SEP001122334455'] }),
  /** Says what would happen, and does nothing. */
  dryRun: z.boolean().default(false).meta({ title: 'dry run' }),
  /**
   * A trust officer's word that no token of the published list is left: the signer may be one whom no phone knows, and
   * the Trust Verification Service vouches for it.
   */
  recovery: z.boolean().default(false).meta({ title: 'recovery' }),
});
export type PublishRequest = z.input<typeof publishRequest>;

/** The list of the wave goes to all phones. */
export const completeWaveRequest = z.strictObject({
  /** Phones of the wave that need not hold the list: those known to be dead. It needs a reason. */
  without: z
    .array(z.string())
    .readonly()
    .default([])
    .meta({ title: 'without', option: '--without', examples: ['SEP001122334455'] }),
});
export type CompleteWaveRequest = z.input<typeof completeWaveRequest>;

export type ListedService = 'CCM' | 'TFTP' | 'CAPF' | 'TVS';

/** What a CTL must hold to serve this cluster: everything but the tokens, which only their holders have. */
export interface TrustServersAnswer extends Answer {
  readonly securityMode: 'mixed' | 'non-secure';
  /** Name by which phones reach the node. */
  readonly hostName: string;
  readonly ipAddress: string | null;
  readonly servers: readonly {
    readonly service: ListedService;
    /** DER as base64. */
    readonly certificate: string;
    /** SHA-256, lower-case hex. */
    readonly fingerprint: string;
    readonly subject: string;
    /** ISO 8601. */
    readonly notAfter: string;
  }[];
  /** Authorities of MICs and of tokens' certificates: DER as base64. */
  readonly manufacturing: readonly string[];
  /** The CTL that is published, as base64; null while there is none. */
  readonly published: string | null;
  /** True while the published CTL is of tokens that the manager keeps itself: a list of real ones takes its place. */
  readonly labTokens: boolean;
}

/** What becomes of a list that was offered. */
export interface PublicationAnswer extends Answer {
  /** Its number; null when it was refused, or this was a dry run. */
  readonly published: number | null;
  readonly securityMode: 'mixed' | 'non-secure' | null;
  readonly lab: boolean;
  /** What changes, in words. */
  readonly changes: readonly string[];
  /** Why it may not be published; empty when it may. */
  readonly problems: readonly {
    readonly rule: PublicationRule;
    readonly message: string;
    readonly nextStep: string;
  }[];
  /** What the phones would make of it. */
  readonly simulation: {
    readonly accepting: number;
    /** Take it because the Trust Verification Service vouches for the signer. */
    readonly healing: readonly string[];
    readonly locked: readonly { readonly device: string; readonly rule: string; readonly words: string }[];
  };
}

/** A list that was published, as `trustline trust status` shows it. */
export interface PublishedListAnswer {
  readonly number: number;
  readonly kind: 'CTL' | 'ITL';
  readonly state: 'current' | 'wave' | 'earlier';
  /** ISO 8601. */
  readonly publishedAt: string;
  readonly signer: string;
  /** As a phone displays them, lower-case hex. */
  readonly md5: string;
  readonly sha1: string;
  readonly tokens: readonly { readonly subject: string; readonly lab: boolean; readonly notAfter: string }[];
  /** The devices of its wave. */
  readonly wave: readonly string[];
  /** Those of them that are known to hold it. */
  readonly waveBack: readonly string[];
}

/** A list that a phone holds. */
export interface HeldListAnswer {
  readonly number: number;
  /** When it was seen to, after it had fetched it: ISO 8601. */
  readonly since: string;
  /** Where it was then. */
  readonly address: string;
}

/** A list that was given to somebody in the name of a phone. */
export interface GivenListAnswer {
  readonly kind: 'CTL' | 'ITL';
  readonly number: number;
  /** ISO 8601. */
  readonly at: string;
  /** Of whoever got it. */
  readonly address: string;
}

export interface TrustAnswer extends Answer {
  readonly securityMode: 'mixed' | 'non-secure';
  readonly trustNotice: string | null;
  /** Why no device is given keys; null in mixed mode. */
  readonly noKeysBecause: string | null;
  /** What servers show and the published CTL of mixed mode lacks: phones will refuse it. Empty when it is up to date. */
  readonly unlisted: readonly {
    readonly service: ListedService;
    readonly subject: string;
    readonly serialNumber: string;
    /** SHA-256, lower-case hex. */
    readonly fingerprint: string;
  }[];
  /** The lists in force: current ones and waves. */
  readonly lists: readonly PublishedListAnswer[];
  readonly phones: readonly {
    readonly device: string;
    /** By what it holds; what it was given counts for nothing here. */
    readonly state: TrustState;
    /** What the phone was seen to hold; null when it never was. */
    readonly ctl: HeldListAnswer | null;
    readonly itl: HeldListAnswer | null;
    /** What was given in its name and it was not seen to hold yet: everybody may ask for it. Oldest first. */
    readonly given: readonly GivenListAnswer[];
    /** Why it is locked, in a phone's words and ours. */
    readonly locked: { readonly phoneWords: string; readonly words: string } | null;
    /** Why it cannot register without mixed mode, of a secure phone; null where it can. */
    readonly leftBehind: { readonly words: string; readonly nextStep: string } | null;
  }[];
}

/** The CTL that some phones get first. */
export interface WaveAnswer extends Answer {
  /** null while none is published to a wave. */
  readonly wave: {
    /** The number of the list. */
    readonly number: number;
    readonly phones: readonly {
      readonly device: string;
      /** null until it is known to hold the list. */
      readonly back: HeldListAnswer | null;
      /** To whom the list was given in its name, last; null where it was given to nobody, or the phone is back. */
      readonly given: GivenListAnswer | null;
    }[];
  } | null;
}

/** One list whole, of whichever age. */
export interface TrustListAnswer extends Answer {
  readonly list: PublishedListAnswer;
  /** base64. */
  readonly content: string;
}
