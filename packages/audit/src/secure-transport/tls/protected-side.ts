import { type CipherSuite, cipherSuite } from './cipher-suites.ts';
import type { Handshake, TlsRole } from './handshake.ts';
import { hashName, nextTrafficSecret } from './key-derivation.ts';
import { nullOpener, openerFromMaster, openerFromTrafficSecret } from './make-openers.ts';
import { contentTypes, handshakeTypes } from './names.ts';
import type { OpenedRecord, RecordOpener } from './record-opener.ts';
import type { TlsRecord } from './record-splitter.ts';
import type { SecretSource, TlsSecrets } from './secrets.ts';

/** Keys of TLS 1.3, in the order in which they follow each other (RFC 8446 §7.1). */
const stages = ['early', 'handshake', 'application'] as const;
type Stage = (typeof stages)[number];

const labels = {
  early: { client: 'CLIENT_EARLY_TRAFFIC_SECRET', server: undefined },
  handshake: { client: 'CLIENT_HANDSHAKE_TRAFFIC_SECRET', server: 'SERVER_HANDSHAKE_TRAFFIC_SECRET' },
  application: { client: 'CLIENT_TRAFFIC_SECRET_0', server: 'SERVER_TRAFFIC_SECRET_0' },
} as const;

/** The smallest encrypted record: a gap of so many octets may have been one. */
const SMALLEST_RECORD = 22;

/** Numbers that are tried for one record after a gap. */
const MOST_NUMBERS_TRIED = 4_096;

/** What trying numbers may cost for one side of a connection, in octets that are decrypted for nothing. */
const MOST_OCTETS_TRIED = 16 << 20;
const COST_OF_A_TRY = 256;

interface StageKeys {
  readonly opener: RecordOpener;
  readonly secret: Uint8Array;
  readonly suite: CipherSuite;
}

/** What one side of a connection sends once it encrypts: which keys hold, and the numbers of its records. */
export class ProtectedSide {
  readonly #secrets: TlsSecrets | undefined;
  /** Before TLS 1.3, the handshake whose keys hold since ChangeCipherSpec. */
  #handshake: Handshake | undefined;
  #opener: RecordOpener | undefined;
  #stage: Stage = 'early';
  readonly #stageKeys: { [stage in Stage]?: StageKeys | undefined } = {};
  #sequence = 0;
  /** At most so many records were not seen since the last that was opened. */
  #unseen = 0;
  #octetsTried = 0;
  /** A record that was opened to see whether it is one. */
  #verified: OpenedRecord | undefined;
  source: SecretSource | undefined;
  opened = 0;
  notOpened = 0;

  constructor(secrets: TlsSecrets | undefined) {
    this.#secrets = secrets;
  }

  /** From here on the keys of this handshake hold (RFC 5246 §7.1). */
  begin(handshake: Handshake): void {
    this.#handshake = handshake;
    this.#opener = undefined;
    this.#sequence = 0;
    this.#unseen = 0;
  }

  /** Whether a record is encrypted, or may be. */
  protects(record: TlsRecord, current: Handshake): boolean {
    if (current.isTls13) return record.type === contentTypes.applicationData;
    if (this.#handshake !== undefined) return true;
    if (record.type !== contentTypes.applicationData) return false;
    // Data of one who has not changed its cipher: the message that did was not captured, or it is early data.
    if (current.serverHello !== undefined) {
      this.begin(current);
      this.#unseen = MOST_NUMBERS_TRIED;
    }
    return true;
  }

  open(record: TlsRecord, current: Handshake, role: TlsRole): OpenedRecord | undefined {
    const opened = this.#verified ?? this.#tryToOpen(record, current, role);
    this.#verified = undefined;
    if (opened === undefined) {
      this.notOpened++;
      this.#sequence++;
      // With TLS 1.3 it is not known with which keys it was sent.
      if (current.isTls13) this.#unseen++;
      return undefined;
    }
    this.opened++;
    this.#sequence = opened.sequence + 1;
    this.#unseen = 0;
    return opened;
  }

  /** Whether this is a record, as far as keys can tell. */
  verifies(record: TlsRecord, current: Handshake, role: TlsRole): 'yes' | 'no' | 'unsure' {
    const isProtected = current.isTls13
      ? record.type === contentTypes.applicationData
      : this.#handshake !== undefined && this.#handshake.serverHello !== undefined;
    if (!isProtected || this.#octetsTried >= MOST_OCTETS_TRIED) return 'unsure';
    if (!this.#canVerify(current, role)) return 'unsure';
    this.#octetsTried += COST_OF_A_TRY + record.fragment.byteLength;
    this.#verified = this.#tryToOpen(record, current, role);
    return this.#verified === undefined ? 'no' : 'yes';
  }

  /** A message of TLS 1.3 after which other keys hold. */
  message(type: number, role: TlsRole): void {
    if (type === handshakeTypes.finished) this.#enter('application');
    else if (type === handshakeTypes.endOfEarlyData && role === 'client') this.#enter('handshake');
    else if (type === handshakeTypes.keyUpdate) {
      this.#stageKeys.application = nextGeneration(this.#stageKeys.application);
      this.#sequence = 0;
    }
  }

  lose(octets: number): void {
    this.#unseen += 1 + Math.floor(octets / SMALLEST_RECORD);
    this.#opener?.lose();
  }

  #enter(stage: Stage): void {
    if (this.#stage === stage) return; // of a handshake after the first (RFC 8446 §4.6.2)
    this.#stage = stage;
    this.#sequence = 0;
  }

  #canVerify(current: Handshake, role: TlsRole): boolean {
    if (current.isTls13) return this.#keysOf('application', current, role) !== undefined;
    return this.#openerBefore13(role)?.canVerify === true;
  }

  #tryToOpen(record: TlsRecord, current: Handshake, role: TlsRole): OpenedRecord | undefined {
    if (this.#handshake !== undefined) {
      const opener = this.#openerBefore13(role);
      return opener === undefined ? undefined : this.#openWith(opener, record, this.#sequence);
    }
    if (current.isTls13) return this.#openFrom13(record, current, role);
    return role === 'client' && current.serverHello === undefined ? this.#openEarly(record, current) : undefined;
  }

  #openWith(opener: RecordOpener, record: TlsRecord, sequence: number): OpenedRecord | undefined {
    const wanted = Math.min(this.#unseen + 1, MOST_NUMBERS_TRIED);
    const span = this.#octetsTried < MOST_OCTETS_TRIED ? wanted : 1;
    const opened = opener.open(record, sequence, span);
    const tries = (opened === undefined ? span : opened.sequence - sequence + 1) - 1;
    this.#octetsTried += tries * (COST_OF_A_TRY + record.fragment.byteLength);
    return opened;
  }

  #openerBefore13(role: TlsRole): RecordOpener | undefined {
    const handshake = this.#handshake;
    if (this.#opener !== undefined || handshake === undefined) return this.#opener;
    if (handshake.serverHello?.compression !== 0) return undefined;
    this.#opener = nullOpener(handshake);
    const known = this.#opener === undefined ? this.#secrets?.master(handshake) : undefined;
    if (known === undefined) return this.#opener;
    this.source = known.source;
    this.#opener = openerFromMaster(handshake, role, known.secret);
    return this.#opener;
  }

  #openFrom13(record: TlsRecord, current: Handshake, role: TlsRole): OpenedRecord | undefined {
    const open = nullOpener(current);
    if (open !== undefined) return open.open(record, this.#sequence, 1);
    for (const stage of stages.slice(stages.indexOf(this.#stage))) {
      const keys = this.#keysOf(stage, current, role);
      if (keys === undefined) continue;
      const opened = this.#openWith(keys.opener, record, stage === this.#stage ? this.#sequence : 0);
      if (opened === undefined) continue;
      this.#stage = stage;
      return opened;
    }
    // What was lost may have been an update of the keys.
    const next = this.#unseen > 0 ? nextGeneration(this.#stageKeys.application) : undefined;
    const opened = next === undefined ? undefined : this.#openWith(next.opener, record, 0);
    if (opened === undefined) return undefined;
    this.#stage = 'application';
    this.#stageKeys.application = next;
    return opened;
  }

  #keysOf(stage: Stage, current: Handshake, role: TlsRole): StageKeys | undefined {
    const known = this.#stageKeys[stage];
    const label = labels[stage][role];
    const { suite } = current;
    if (known !== undefined || label === undefined || suite === undefined) return known;
    const secret = this.#secrets?.logged(label, current);
    const opener = secret === undefined ? undefined : openerFromTrafficSecret(suite, secret);
    if (secret === undefined || opener === undefined) return undefined;
    this.source = 'key-log';
    this.#stageKeys[stage] = { opener, secret, suite };
    return this.#stageKeys[stage];
  }

  /** Before the server has chosen: the suite is that of the session before, one of those that are offered (RFC 8446 §4.2.10). */
  #openEarly(record: TlsRecord, current: Handshake): OpenedRecord | undefined {
    const known = this.#stageKeys.early;
    if (known !== undefined) return this.#openWith(known.opener, record, this.#sequence);
    const secret = this.#secrets?.logged('CLIENT_EARLY_TRAFFIC_SECRET', current);
    if (secret === undefined) return undefined;
    for (const code of current.clientHello?.suites ?? []) {
      const suite = cipherSuite(code);
      if (suite === undefined || (suite.hash === 'SHA384' ? 48 : 32) !== secret.byteLength) continue;
      const opener = openerFromTrafficSecret(suite, secret);
      const opened = opener === undefined ? undefined : this.#openWith(opener, record, this.#sequence);
      if (opener === undefined || opened === undefined) continue;
      this.source = 'key-log';
      this.#stageKeys.early = { opener, secret, suite };
      return opened;
    }
    return undefined;
  }
}

function nextGeneration(keys: StageKeys | undefined): StageKeys | undefined {
  if (keys === undefined) return undefined;
  const secret = nextTrafficSecret(hashName(keys.suite.hash), keys.secret);
  const opener = openerFromTrafficSecret(keys.suite, secret);
  return opener === undefined ? undefined : { opener, secret, suite: keys.suite };
}
