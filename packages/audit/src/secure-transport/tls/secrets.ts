import { constants, type KeyObject, privateDecrypt } from 'node:crypto';
import { hexadecimal } from '@trustline/base';
import type { KeyLogLabel } from '../../keys/key-log.ts';
import type { KeyMaterial } from '../../keys/key-material.ts';
import type { Handshake } from './handshake.ts';
import { concatenated, prf, sessionHash } from './key-derivation.ts';
import { versionNumbers } from './names.ts';
import { plainOctets } from './record-opener.ts';

/** Where a secret came from: the auditor's key log, a server's private key, or an earlier connection with the same session. */
export type SecretSource = 'key-log' | 'private-key' | 'session';

export interface KnownSecret {
  readonly secret: Uint8Array;
  readonly source: SecretSource;
}

/** Sessions whose secrets are remembered for connections that resume them; the oldest is given up. */
const MOST_SESSIONS = 20_000;

/** The secrets by which the connections of one capture are opened: those that were given, and those that follow from them. */
export class TlsSecrets {
  readonly #material: KeyMaterial;
  readonly #sessions = new Map<string, Uint8Array>();
  readonly #masters = new WeakMap<Handshake, KnownSecret>();

  constructor(material: KeyMaterial) {
    this.#material = material;
  }

  /** A secret that the key log has for the connection of this hello. */
  logged(label: KeyLogLabel, handshake: Handshake): Uint8Array | undefined {
    const random = handshake.clientHello?.random;
    return random === undefined ? undefined : this.#material.keyLog.secret(label, hexadecimal(random));
  }

  /** The master secret of a handshake before TLS 1.3 (RFC 5246 §8.1, RFC 7627 §4); undefined while it cannot be known. */
  master(handshake: Handshake): KnownSecret | undefined {
    const known = this.#masters.get(handshake) ?? this.#knownMaster(handshake);
    if (known === undefined) return undefined;
    this.#masters.set(handshake, known);
    this.#remember(handshake, known.secret);
    return known;
  }

  #knownMaster(handshake: Handshake): KnownSecret | undefined {
    const logged = this.logged('CLIENT_RANDOM', handshake);
    if (logged !== undefined) return { secret: logged, source: 'key-log' };
    if (handshake.isAbbreviated) {
      const resumed = sessionNames(handshake, 'client')
        .map((name) => this.#sessions.get(name))
        .find((secret) => secret !== undefined);
      return resumed === undefined ? undefined : { secret: resumed, source: 'session' };
    }
    if (handshake.clientKeyExchange === undefined) return undefined;
    // By datagrams the rest of the server's messages may come yet.
    if (handshake.isDtls && !handshake.serverHelloDone) return undefined;
    let master: KnownSecret | undefined;
    for (const { secret, source } of this.#preMasters(handshake)) {
      const derived = masterFrom(secret, handshake);
      if (derived !== undefined) master ??= { secret: derived, source };
    }
    // Whatever comes later is a key log, which names the master secret itself.
    handshake.forgetTranscript();
    handshake.encryptedPreMaster = undefined;
    return master;
  }

  *#preMasters(handshake: Handshake): Generator<KnownSecret> {
    const logged = this.logged('PMS_CLIENT_RANDOM', handshake);
    if (logged !== undefined) yield { secret: logged, source: 'key-log' };
    const { encryptedPreMaster, clientHello } = handshake;
    if (encryptedPreMaster === undefined || clientHello === undefined) return;
    const line = this.#material.keyLog.secret('RSA', hexadecimal(encryptedPreMaster.subarray(0, 8)));
    if (line !== undefined) yield { secret: line, source: 'key-log' };
    for (const key of this.#material.privateKeys) {
      const secret = decryptedPreMaster(key, encryptedPreMaster, clientHello.legacyVersion);
      if (secret !== undefined) yield { secret, source: 'private-key' };
    }
  }

  #remember(handshake: Handshake, secret: Uint8Array): void {
    for (const name of sessionNames(handshake, 'server')) {
      this.#sessions.delete(name);
      this.#sessions.set(name, secret);
    }
    while (this.#sessions.size > MOST_SESSIONS) {
      const [oldest] = this.#sessions.keys();
      if (oldest !== undefined) this.#sessions.delete(oldest);
    }
  }
}

/** By what a client asks for a session, or a server gives one. */
function sessionNames({ clientHello, serverHello, newSessionTicket }: Handshake, from: 'client' | 'server'): string[] {
  const ticket = from === 'client' ? clientHello?.extensions.sessionTicket : newSessionTicket;
  // A client asks with an identity that the server repeats where it agrees.
  const identity = serverHello?.sessionId;
  const names: string[] = [];
  if (ticket !== undefined && ticket.byteLength > 0) names.push(`ticket ${hexadecimal(ticket)}`);
  if (identity !== undefined && identity.byteLength > 0) names.push(`session ${hexadecimal(identity)}`);
  return names;
}

function masterFrom(preMaster: Uint8Array, handshake: Handshake): Uint8Array | undefined {
  const { clientHello, serverHello, suite, version } = handshake;
  if (clientHello === undefined || serverHello === undefined || suite === undefined || version === undefined) {
    return undefined;
  }
  if (!serverHello.extensions.extendedMasterSecret) {
    const seed = concatenated(clientHello.random, serverHello.random);
    return prf({ version, suite }, preMaster, 'master secret', seed, 48);
  }
  const transcript = handshake.transcript();
  if (transcript === undefined) return undefined;
  const seed = sessionHash({ version, suite }, transcript);
  return prf({ version, suite }, preMaster, 'extended master secret', seed, 48);
}

/**
 * The pre-master secret that a client encrypted for the server (RFC 5246 §7.4.7.1, PKCS #1 version 1.5), undefined where it was
 * for another key. The padding is looked at here: OpenSSL gives random octets where it is wrong, so that an attacker learns
 * nothing, and here nobody attacks.
 */
function decryptedPreMaster(key: KeyObject, encrypted: Uint8Array, clientVersion: number): Uint8Array | undefined {
  if (encrypted.byteLength !== Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8)) return undefined;
  let octets: Uint8Array;
  try {
    octets = plainOctets(privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, encrypted));
  } catch {
    return undefined;
  }
  const secretAt = octets.byteLength - 48;
  const secret = octets.slice(secretAt);
  const isPadded = octets[0] === 0 && octets[1] === 2 && octets.indexOf(0, 2) === secretAt - 1;
  const version = ((secret[0] ?? 0) << 8) | (secret[1] ?? 0);
  // Some clients repeat the version that was chosen: any of TLS will do.
  const isVersion = version === clientVersion || (version >= versionNumbers['SSL 3'] && version <= 0x0303);
  return isPadded && isVersion ? secret : undefined;
}
