import type { PacketPlace } from '../../traffic/place.ts';
import { type IkeProposal, readIkeMessage } from './ike-message.ts';
import { smallGroups } from './ike-names.ts';

export type IkeWeaknessCode =
  | 'ike-version-1'
  | 'ike-aggressive-mode-with-pre-shared-key'
  | 'ike-null-cipher'
  | 'ike-des-cipher'
  | 'ike-triple-des-cipher'
  | 'ike-md5'
  | 'ike-sha-1'
  | 'ike-small-group';

export interface IkeWeakness {
  readonly code: IkeWeaknessCode;
  readonly grade: 'severe' | 'serious' | 'minor';
  readonly detail: string;
  readonly place: PacketPlace;
}

/** One IKE association, as far as it was negotiated in the clear. What its children use for ESP is encrypted. */
export interface IkeFacts {
  readonly protocol: 'ike';
  readonly version: 1 | 2;
  readonly initiatorSpi: string;
  readonly responderSpi: string | undefined;
  /** `IKE_SA_INIT`, `main mode`, `aggressive mode`; that of later messages where the first were not captured. */
  readonly mode: string;
  readonly offered: readonly IkeProposal[];
  /** What the responder took; undefined where its answer was not seen. */
  readonly chosen: IkeProposal | undefined;
  readonly group: string | undefined;
  readonly identity: string | undefined;
  readonly messages: number;
  readonly encryptedMessages: number;
  readonly weaknesses: readonly IkeWeakness[];
  readonly firstPlace: PacketPlace;
  readonly lastPlace: PacketPlace;
}

type Association = { -readonly [field in keyof IkeFacts]: IkeFacts[field] } & { weaknesses: IkeWeakness[] };

/** Associations that are kept; more of them are counted. */
const MOST_ASSOCIATIONS = 10_000;

/** Reads the IKE messages of a capture, in whatever direction, and keeps associations apart by the SPI of their initiator. */
export class IkeReader {
  readonly #associations = new Map<string, Association>();
  notKept = 0;

  /** Whether it was a message. */
  datagram(datagram: Uint8Array, place: PacketPlace): boolean {
    const message = readIkeMessage(datagram);
    if (message === undefined) return false;
    const association = this.#associationOf(message.initiatorSpi, message.version, message.exchange, place);
    if (association === undefined) return true;
    association.messages++;
    association.lastPlace = place;
    if (message.isEncrypted) association.encryptedMessages++;
    if (!/^0*$/.test(message.responderSpi)) association.responderSpi = message.responderSpi;
    association.group ??= message.isResponse ? message.group : undefined;
    association.identity ??= message.identity;
    const isAnswer = message.version === 2 ? message.isResponse : association.responderSpi !== undefined;
    const [first] = message.proposals;
    if (first === undefined || association.chosen !== undefined) return true;
    if (!isAnswer) association.offered = message.proposals;
    else this.#choose(association, first, place);
    return true;
  }

  facts(): readonly IkeFacts[] {
    return [...this.#associations.values()];
  }

  #associationOf(spi: string, version: 1 | 2, mode: string, place: PacketPlace): Association | undefined {
    const known = this.#associations.get(spi);
    if (known !== undefined) return known;
    if (this.#associations.size >= MOST_ASSOCIATIONS) {
      this.notKept++;
      return undefined;
    }
    const association: Association = {
      protocol: 'ike',
      version,
      initiatorSpi: spi,
      responderSpi: undefined,
      mode,
      offered: [],
      chosen: undefined,
      group: undefined,
      identity: undefined,
      messages: 0,
      encryptedMessages: 0,
      weaknesses: [],
      firstPlace: place,
      lastPlace: place,
    };
    if (version === 1)
      association.weaknesses.push({ code: 'ike-version-1', grade: 'minor', detail: 'RFC 9395', place });
    this.#associations.set(spi, association);
    return association;
  }

  #choose(association: Association, chosen: IkeProposal, place: PacketPlace): void {
    association.chosen = chosen;
    association.group ??= chosen.groups[0];
    const add = (code: IkeWeaknessCode, grade: IkeWeakness['grade'], detail: string) =>
      association.weaknesses.push({ code, grade, detail, place });
    const { mode, group } = association;
    const [encryption = ''] = chosen.encryption;
    const [integrity = ''] = chosen.integrity;
    const [authentication = ''] = chosen.authentication;
    if (encryption.startsWith('NULL')) add('ike-null-cipher', 'severe', encryption);
    if (encryption.startsWith('DES')) add('ike-des-cipher', 'severe', encryption);
    if (encryption.startsWith('3DES')) add('ike-triple-des-cipher', 'serious', encryption);
    if (integrity.includes('MD5')) add('ike-md5', 'serious', integrity);
    if (integrity.includes('SHA1')) add('ike-sha-1', 'minor', integrity);
    if (group !== undefined && smallGroups.has(group)) add('ike-small-group', 'serious', group);
    // The responder's hash is sent in the clear, and the key can be guessed by it (RFC 2409 §5.4).
    if (mode === 'aggressive mode' && authentication.startsWith('pre-shared')) {
      add('ike-aggressive-mode-with-pre-shared-key', 'serious', authentication);
    }
  }
}
