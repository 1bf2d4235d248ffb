import { X509Certificate } from 'node:crypto';
import type { PhoneState } from '@trustline/phone';
import type { BootEvent } from '@trustline/phone/node';
import { displayedHashes, parseTrustList } from '@trustline/pki';

/** A trust list that a phone holds. */
interface HeldList {
  /** Common name of who signed it. */
  readonly signer: string;
  /** The beginning of the SHA-1 that a phone shows of it. */
  readonly hash: string;
}

/** How a phone came to believe its cluster, and to its certificate: seen at the phone. */
export interface PhoneTrust {
  readonly ctl: HeldList | null;
  /** Its first CTL is taken blindly, as desk phones do: whoever is on the line then is believed. */
  readonly blindly: boolean;
  readonly itl: HeldList | null;
  /** The certificate from CAPF. */
  readonly lsc: { readonly subject: string; readonly issuer: string } | null;
  /** By what it proved itself to CAPF. */
  readonly enrolledBy: string | null;
  /** How its files came. */
  readonly filesBy: readonly string[];
}

/** Watches a phone boot. */
export class BootWitness {
  readonly #transports = new Set<string>();
  #blindly = false;
  #enrolledBy: string | null = null;

  see(event: BootEvent): void {
    if (event.kind === 'file' && event.answer === 'found') this.#transports.add(event.transport);
    if (event.kind === 'enrolment' && event.outcome === 'installed') this.#enrolledBy = event.proof;
    if (event.kind === 'log' && event.level === 'warning' && /blindly/.test(event.ours)) this.#blindly = true;
  }

  trust({ lists, lsc }: PhoneState): PhoneTrust {
    return {
      ctl: heldList(lists.ctl),
      blindly: this.#blindly,
      itl: heldList(lists.itl),
      lsc: lsc === undefined ? null : namesOf(lsc.certificate),
      enrolledBy: this.#enrolledBy,
      filesBy: [...this.#transports],
    };
  }
}

function heldList(octets: Uint8Array | undefined): HeldList | null {
  const parsed = octets === undefined ? undefined : parseTrustList(octets);
  if (octets === undefined || parsed?.ok !== true) return null;
  const { name } = parsed.list.header.signer;
  return { signer: /CN=([^;,]+)/i.exec(name)?.[1] ?? name, hash: displayedHashes(octets).sha1.slice(0, 8) };
}

function namesOf(certificate: Uint8Array): { readonly subject: string; readonly issuer: string } {
  const { subject, issuer } = new X509Certificate(certificate);
  return { subject: oneLine(subject), issuer: oneLine(issuer) };
}

/** OpenSSL's names stand one attribute a line, the widest first; people and RFC 4514 begin with the common name. */
function oneLine(name: string): string {
  return name.split('\n').reverse().join(', ');
}
