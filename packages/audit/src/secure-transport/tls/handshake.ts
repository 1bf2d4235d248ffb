import { brotliDecompressSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { ByteReader, TrustlineError } from '@trustline/base';
import type { PacketPlace } from '../../traffic/place.ts';
import { readCertificateList, type SeenCertificate } from './certificate.ts';
import { type CipherSuite, cipherSuite } from './cipher-suites.ts';
import {
  type ClientHello,
  type HelloExtensions,
  readClientHello,
  readExtensions,
  readServerHello,
  type ServerHello,
} from './hello.ts';
import { handshakeTypes, versionNumbers } from './names.ts';
import { readSsl2Hello } from './ssl2-hello.ts';

/** Who speaks in the handshake; not always who opened the connection. */
export type TlsRole = 'client' | 'server';

/** What a key exchange before TLS 1.3 says in the clear. */
export interface ServerKeyExchange {
  readonly group: number | undefined;
  /** Of the prime of Diffie-Hellman. */
  readonly primeBits: number | undefined;
  /** The hash that the server signed it with, by its code (RFC 5246 §7.4.1.4.1); before TLS 1.2 always MD5 with SHA-1. */
  readonly signatureHash: number | undefined;
  readonly place: PacketPlace;
}

/** Octets of messages that are kept for the extended master secret: a chain of certificates on each side fits. */
const MOST_TRANSCRIPT = 64 << 10;
const LARGEST_CERTIFICATES = 1 << 20;

/** One handshake of a connection, as far as it could be read: what each side said. */
export class Handshake {
  readonly isDtls: boolean;
  clientHello: (ClientHello & { readonly place: PacketPlace }) | undefined;
  serverHello: (ServerHello & { readonly place: PacketPlace }) | undefined;
  /** What came encrypted (RFC 8446 §4.3.1), where keys opened it. */
  encryptedExtensions: HelloExtensions | undefined;
  askedForRetry = false;
  readonly certificates: { client: SeenCertificate[] | undefined; server: SeenCertificate[] | undefined };
  certificateRequest: PacketPlace | undefined;
  serverKeyExchange: ServerKeyExchange | undefined;
  /** What only the server's private key opens (RFC 5246 §7.4.7.1). */
  encryptedPreMaster: Uint8Array | undefined;
  clientKeyExchange: PacketPlace | undefined;
  newSessionTicket: Uint8Array | undefined;
  serverHelloDone = false;
  /** Before TLS 1.3, that both sides went on without a key exchange: known once the server has changed its cipher. */
  isAbbreviated = false;
  /** Whose Finished could be read; before TLS 1.3 it is encrypted unless the suite encrypts nothing. */
  readonly finished: { client: boolean; server: boolean };
  /** By whom, in TLS 1.3: what the signature over the handshake was made with (RFC 8446 §4.2.3). */
  readonly signatureSchemes: { client: number | undefined; server: number | undefined };
  /** Messages that could not be read. */
  malformed = 0;
  /** Whether hashes of the handshake may be wanted. */
  #keeps: boolean;
  /** For the extended master secret: the messages up to the client's key, in the order of the protocol. */
  #fromClient: Uint8Array[] = [];
  #fromServer: Uint8Array[] = [];
  #kept = 0;

  /** `keepsTranscript`: there may be a private key that opens it. */
  constructor(isDtls: boolean, keepsTranscript: boolean) {
    this.isDtls = isDtls;
    this.#keeps = keepsTranscript;
    this.certificates = { client: undefined, server: undefined };
    this.finished = { client: false, server: false };
    this.signatureSchemes = { client: undefined, server: undefined };
  }

  /** As the server chose it; undefined before its hello. */
  get version(): number | undefined {
    return this.serverHello?.version;
  }

  get isTls13(): boolean {
    const { version, askedForRetry } = this;
    return askedForRetry || version === versionNumbers['TLS 1.3'] || version === versionNumbers['DTLS 1.3'];
  }

  get suite(): CipherSuite | undefined {
    return this.serverHello === undefined ? undefined : cipherSuite(this.serverHello.suite);
  }

  /** Takes a message of a side. `raw` is what hashes of the handshake cover. */
  message(from: TlsRole, type: number, body: Uint8Array, raw: Uint8Array, place: PacketPlace): void {
    this.#keep(from, type, raw);
    try {
      this.#read(from, type, body, place);
    } catch (error) {
      if (!(error instanceof TrustlineError)) throw error;
      this.malformed++;
    }
  }

  /** Takes a hello in the form of SSL 2. Hashes of such a handshake are not made here. */
  ssl2Hello(message: Uint8Array, place: PacketPlace): void {
    try {
      const hello = readSsl2Hello(message);
      if (hello?.kind === 'client-hello') this.clientHello = { ...hello, place };
      if (hello?.kind === 'server-hello') this.serverHello = { ...hello, place };
    } catch (error) {
      if (!(error instanceof TrustlineError)) throw error;
      this.malformed++;
    }
  }

  /** The messages that the extended master secret takes in (RFC 7627 §3); undefined where one is missing. */
  transcript(): readonly Uint8Array[] | undefined {
    const [hello, ...more] = this.#fromClient;
    const isWhole = hello !== undefined && this.#kept <= MOST_TRANSCRIPT && this.clientKeyExchange !== undefined;
    return isWhole && this.#keeps && this.serverHello !== undefined && this.serverHelloDone
      ? [hello, ...this.#fromServer, ...more]
      : undefined;
  }

  /** The server encrypts from here on (RFC 5246 §7.3): what it has not sent before that, it does not need. */
  serverChangesCipher(): void {
    const isFull = this.serverHelloDone || this.certificates.server !== undefined;
    this.isAbbreviated = this.serverHello !== undefined && !isFull;
  }

  /** Hashes of the handshake are no more wanted. */
  forgetTranscript(): void {
    this.#keeps = false;
    this.#fromClient = [];
    this.#fromServer = [];
  }

  #keep(from: TlsRole, type: number, raw: Uint8Array): void {
    if (!this.#keeps) return;
    if (type === handshakeTypes.helloRequest || type === handshakeTypes.helloVerifyRequest) return;
    if (from === 'client' ? this.clientKeyExchange !== undefined : this.serverHelloDone) return;
    // The hello before a cookie is no part of it (RFC 6347 §4.2.1).
    if (from === 'client' && type === handshakeTypes.clientHello) {
      this.#fromClient = [];
      this.#kept = 0;
    }
    this.#kept += raw.byteLength;
    if (this.#kept <= MOST_TRANSCRIPT) (from === 'client' ? this.#fromClient : this.#fromServer).push(raw.slice());
  }

  #read(from: TlsRole, type: number, body: Uint8Array, place: PacketPlace): void {
    switch (type) {
      case handshakeTypes.clientHello:
        this.clientHello = { ...readClientHello(body, this.isDtls), place };
        return;
      case handshakeTypes.serverHello: {
        const hello = readServerHello(body);
        if (hello.isRetryRequest) this.askedForRetry = true;
        else this.serverHello ??= { ...hello, place };
        if (this.suite?.keyExchange?.startsWith('RSA') !== true) this.forgetTranscript();
        return;
      }
      case handshakeTypes.encryptedExtensions:
        this.encryptedExtensions = readExtensions(new ByteReader(body), 'server');
        return;
      case handshakeTypes.certificate:
        this.certificates[from] ??= readCertificateList(body, this.isTls13, place);
        return;
      case handshakeTypes.compressedCertificate:
        this.certificates[from] ??= readCertificateList(decompressed(body), true, place);
        return;
      case handshakeTypes.certificateRequest:
        this.certificateRequest ??= place;
        return;
      case handshakeTypes.serverKeyExchange:
        this.serverKeyExchange ??= readServerKeyExchange(body, this.suite, this.version, place);
        return;
      case handshakeTypes.serverHelloDone:
        this.serverHelloDone = true;
        return;
      case handshakeTypes.clientKeyExchange:
        this.clientKeyExchange ??= place;
        if (this.suite?.keyExchange?.startsWith('RSA') === true) this.encryptedPreMaster ??= preMasterIn(body, this);
        return;
      case handshakeTypes.certificateVerify:
        if (this.isTls13) this.signatureSchemes[from] ??= new ByteReader(body).u16();
        return;
      case handshakeTypes.finished:
        this.finished[from] = true;
        return;
      case handshakeTypes.newSessionTicket:
        if (!this.isTls13) this.newSessionTicket = ticketIn(body);
    }
  }
}

/** RFC 5246 §7.4.3, RFC 8422 §5.4, RFC 4279. */
function readServerKeyExchange(
  body: Uint8Array,
  suite: CipherSuite | undefined,
  version: number | undefined,
  place: PacketPlace,
): ServerKeyExchange | undefined {
  const reader = new ByteReader(body);
  const exchange = suite?.keyExchange ?? '';
  let [group, primeBits]: (number | undefined)[] = [];
  if (/PSK/.test(exchange)) reader.skip(reader.u16());
  if (/^ECDH/.test(exchange)) {
    if (reader.u8() !== 3) return { group, primeBits, signatureHash: undefined, place }; // no named curve
    group = reader.u16();
    reader.skip(reader.u8());
  } else if (/^(DHE|DH_anon|PSK_DHE)/.test(exchange)) {
    primeBits = bitsOf(reader.take(reader.u16()));
    reader.skip(reader.u16());
    reader.skip(reader.u16());
  } else return undefined;
  const is12 = version === versionNumbers['TLS 1.2'] || version === versionNumbers['DTLS 1.2'];
  const signatureHash = is12 && reader.remaining >= 2 ? reader.u8() : undefined;
  return { group, primeBits, signatureHash, place };
}

function bitsOf(number: Uint8Array): number {
  const first = number.findIndex((octet) => octet !== 0);
  return first < 0 ? 0 : 8 * (number.byteLength - first) - Math.clz32(number[first] ?? 0) + 24;
}

/** SSL 3 gives no length before it. */
function preMasterIn(body: Uint8Array, { version }: Handshake): Uint8Array {
  if (version === versionNumbers['SSL 3']) return body.slice();
  const reader = new ByteReader(body);
  return reader.take(reader.u16()).slice();
}

/** RFC 5077 §3.3. */
function ticketIn(body: Uint8Array): Uint8Array {
  const reader = new ByteReader(body);
  reader.skip(4);
  return reader.take(reader.u16()).slice();
}

/** RFC 8879 §4. A list that grows beyond all measure is none. */
function decompressed(body: Uint8Array): Uint8Array {
  const reader = new ByteReader(body);
  const algorithm = reader.u16();
  reader.skip(3);
  const octets = reader.take(reader.u24());
  const decompress = { 1: inflateSync, 2: brotliDecompressSync, 3: zstdDecompressSync }[algorithm];
  try {
    if (decompress !== undefined) return decompress(octets, { maxOutputLength: LARGEST_CERTIFICATES });
  } catch {
    // as of an unknown algorithm
  }
  throw new TrustlineError('base.short-input', 'certificates that cannot be decompressed');
}
