import type { X509Certificate } from 'node:crypto';
import { type CheckedList, checkTrustList } from './check-list.ts';

/** A phone, as far as lists go: the files that it keeps, and the certificates for which its TVS would vouch. */
export interface CheckedPhone {
  readonly ctl: Uint8Array | undefined;
  readonly itl: Uint8Array | undefined;
  /** What TVS answers, by certificate in DER; `undefined` for one that it does not know. */
  readonly tvs: (certificate: Uint8Array) => readonly number[] | undefined;
}

export interface CheckedOffer {
  readonly kind: 'CTL' | 'ITL';
  readonly requestedName: string;
  readonly octets: Uint8Array;
  /** Epoch milliseconds. */
  readonly now: number;
}

export type OfferCheck =
  | { readonly takes: true; readonly blindly: boolean }
  | { readonly takes: false; readonly because: string };

const role = { SAST: 0, CCM_TFTP: 2, TFTP: 3, TVS: 21 };

/** Says whether a phone takes a list, from the description of phones alone; it is there to contradict `pki`. */
export function checkOffer(phone: CheckedPhone, { kind, requestedName, octets, now }: CheckedOffer): OfferCheck {
  const no = (because: string): OfferCheck => ({ takes: false, because });
  const list = checkTrustList(octets);
  if (!list.sound) return no(list.because);
  if (![`${kind}File.tlv`, requestedName].includes(list.fileName)) return no(`its name is ${list.fileName}`);
  const kept = kind === 'CTL' ? phone.ctl : phone.itl;
  if (kept !== undefined && Buffer.from(kept).equals(octets)) return { takes: true, blindly: false };
  if (now < Date.parse(list.signer.validFrom) || now > Date.parse(list.signer.validTo))
    return no('the signer is not valid now');
  const ctl = phone.ctl === undefined ? undefined : soundOne(phone.ctl);
  const itl = phone.itl === undefined ? undefined : soundOne(phone.itl);
  if (kind === 'CTL' && ctl === undefined) return { takes: true, blindly: true };
  if (kind === 'ITL' && ctl === undefined && (itl === undefined || !binds(itl))) return { takes: true, blindly: true };
  if (!vouched(list.signer, kind, ctl, itl, phone)) return no('nobody knows the signer');
  const before = kind === 'CTL' ? ctl : itl;
  if (before !== undefined && list.timestamp < before.timestamp) return no('it is older than the one kept');
  return { takes: true, blindly: false };
}

/** What a phone keeps it has taken, so it is sound. */
function soundOne(octets: Uint8Array): CheckedList {
  const list = checkTrustList(octets);
  if (!list.sound) throw new TypeError(`a phone cannot keep this list: ${list.because}`);
  return list;
}

/** A list without TVS and without TFTP lets its phones go. */
function binds({ records }: CheckedList): boolean {
  return records.some((record) => [role.TVS, role.TFTP, role.CCM_TFTP].includes(record.role));
}

function vouched(
  signer: X509Certificate,
  kind: 'CTL' | 'ITL',
  ctl: CheckedList | undefined,
  itl: CheckedList | undefined,
  { tvs }: CheckedPhone,
): boolean {
  const judge = ctl ?? itl;
  const signing = kind === 'ITL' && ctl !== undefined ? [role.SAST, role.TFTP, role.CCM_TFTP] : [role.SAST];
  const knows = judge?.records.some(
    (record) => signing.includes(record.role) && record.certificate?.raw.equals(signer.raw) === true,
  );
  if (knows === true) return true;
  const hasTvs = [ctl, itl].some((list) =>
    list?.records.some((record) => record.role === role.TVS && record.certificate !== undefined),
  );
  return hasTvs && tvs(signer.raw)?.includes(role.SAST) === true;
}
