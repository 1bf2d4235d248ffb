import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto';
import { type BenchKey, type MeteredContender, type Suite, suiteNamed, suites } from './contender.ts';
import { type Engine, InProcessContender } from './in-process.ts';

/**
 * SRTP as one writes it on node:crypto at first: new cipher and HMAC objects for every packet. `raw` hands over
 * the session keys as they are, which Node.js 24 makes dear; the other as a `KeyObject` made once.
 */
export const nodeCryptoContenders: Readonly<Record<string, () => MeteredContender>> = {
  'node:crypto, raw keys': () => new InProcessContender(naive('node:crypto, raw keys', (key) => key)),
  'node:crypto, KeyObject': () => new InProcessContender(naive('node:crypto, KeyObject', createSecretKey)),
};

type SessionKey = Uint8Array | KeyObject;

const HEADER_LENGTH = 12;

function naive(name: string, prepare: (key: Buffer) => SessionKey): Engine {
  const open = (profile: string, master: BenchKey, ssrc: number) => {
    const suite = suiteNamed(profile);
    const keys = new SessionKeys(suite, master, ssrc, prepare);
    return suite.aead ? new NaiveGcm(suite, keys) : new NaiveCounterMode(suite, keys);
  };
  return { name, performs: (profile) => Object.hasOwn(suites, profile), openSender: open, openReceiver: open };
}

/** Keys derived as RFC 3711 §4.3 says, and the index of the last packet; packets come in order here. */
class SessionKeys {
  readonly encryption: SessionKey;
  readonly authentication: SessionKey;
  private readonly salt: Buffer;
  private readonly ssrc: number;
  private rolloverCounter = 0;
  private last = -1;

  constructor(suite: Suite, master: BenchKey, ssrc: number, prepare: (key: Buffer) => SessionKey) {
    this.ssrc = ssrc;
    this.encryption = prepare(derive(master, 0, suite.keyLength));
    this.authentication = prepare(derive(master, 1, 20));
    this.salt = derive(master, 2, suite.saltLength);
  }

  /** Counts rollovers and returns the rollover counter as the MAC needs it. */
  follow(packet: Uint8Array): Buffer {
    const sequenceNumber = ((packet[2] as number) << 8) | (packet[3] as number);
    if (sequenceNumber < this.last) this.rolloverCounter++;
    this.last = sequenceNumber;
    const octets = Buffer.alloc(4);
    octets.writeUInt32BE(this.rolloverCounter);
    return octets;
  }

  /** RFC 3711 §4.1.1 with 16 octets, RFC 7714 §8.1 with 12: salt XOR SSRC and index, at places of their own. */
  iv(length: 16 | 12): Buffer {
    const iv = Buffer.alloc(length);
    const ssrcAt = length === 16 ? 4 : 2;
    iv.writeUInt32BE(this.ssrc, ssrcAt);
    iv.writeUInt32BE(this.rolloverCounter, ssrcAt + 4);
    iv.writeUInt16BE(this.last, ssrcAt + 8);
    for (let i = 0; i < this.salt.length; i++) iv[i] = (iv[i] as number) ^ (this.salt[i] as number);
    return iv;
  }
}

class NaiveCounterMode {
  private readonly suite: Suite;
  private readonly keys: SessionKeys;
  private readonly algorithm: string;

  constructor(suite: Suite, keys: SessionKeys) {
    this.suite = suite;
    this.keys = keys;
    this.algorithm = `aes-${suite.keyLength * 8}-ctr`;
  }

  protect(packet: Uint8Array, out: Uint8Array): number {
    const end = packet.byteLength;
    const rolloverCounter = this.keys.follow(packet);
    out.set(packet.subarray(0, HEADER_LENGTH));
    out.set(this.crypt(packet.subarray(HEADER_LENGTH)), HEADER_LENGTH);
    out.set(this.tag(out.subarray(0, end), rolloverCounter), end);
    return end + this.suite.tagLength;
  }

  unprotect(packet: Uint8Array, out: Uint8Array): number {
    const end = packet.byteLength - this.suite.tagLength;
    const tag = this.tag(packet.subarray(0, end), this.keys.follow(packet));
    if (!timingSafeEqual(tag, packet.subarray(end))) throw new Error('a tag does not match');
    out.set(packet.subarray(0, HEADER_LENGTH));
    out.set(this.crypt(packet.subarray(HEADER_LENGTH, end)), HEADER_LENGTH);
    return end;
  }

  private crypt(payload: Uint8Array): Buffer {
    return createCipheriv(this.algorithm, this.keys.encryption, this.keys.iv(16)).update(payload);
  }

  private tag(message: Uint8Array, rolloverCounter: Buffer): Buffer {
    const hmac = createHmac('sha1', this.keys.authentication).update(message).update(rolloverCounter);
    return hmac.digest().subarray(0, this.suite.tagLength);
  }
}

class NaiveGcm {
  private readonly suite: Suite;
  private readonly keys: SessionKeys;
  private readonly algorithm: 'aes-128-gcm' | 'aes-256-gcm';

  constructor(suite: Suite, keys: SessionKeys) {
    this.suite = suite;
    this.keys = keys;
    this.algorithm = suite.keyLength === 16 ? 'aes-128-gcm' : 'aes-256-gcm';
  }

  protect(packet: Uint8Array, out: Uint8Array): number {
    this.keys.follow(packet);
    const header = packet.subarray(0, HEADER_LENGTH);
    const cipher = createCipheriv(this.algorithm, this.keys.encryption, this.keys.iv(12)).setAAD(header);
    out.set(header);
    out.set(cipher.update(packet.subarray(HEADER_LENGTH)), HEADER_LENGTH);
    cipher.final();
    out.set(cipher.getAuthTag(), packet.byteLength);
    return packet.byteLength + this.suite.tagLength;
  }

  unprotect(packet: Uint8Array, out: Uint8Array): number {
    const end = packet.byteLength - this.suite.tagLength;
    this.keys.follow(packet);
    const header = packet.subarray(0, HEADER_LENGTH);
    const decipher = createDecipheriv(this.algorithm, this.keys.encryption, this.keys.iv(12)).setAAD(header);
    decipher.setAuthTag(packet.subarray(end));
    const payload = decipher.update(packet.subarray(HEADER_LENGTH, end));
    decipher.final();
    out.set(header);
    out.set(payload, HEADER_LENGTH);
    return end;
  }
}

/** AES in counter mode over zeros from (master salt XOR label) * 2^16 (RFC 3711 §4.3.3). */
function derive(master: BenchKey, label: number, length: number): Buffer {
  const iv = Buffer.alloc(16);
  iv.set(master.salt);
  iv[7] = (iv[7] as number) ^ label;
  return createCipheriv(`aes-${master.key.byteLength * 8}-ctr`, master.key, iv).update(Buffer.alloc(length));
}
