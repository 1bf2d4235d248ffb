import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { BenchKey, MeteredContender } from './contender.ts';
import { type Engine, InProcessContender } from './in-process.ts';

/** The only SRTP of npm, so far as its interface is used here. */
interface WeriftModule {
  SrtpSession: new (config: {
    keys: {
      localMasterKey: Buffer;
      localMasterSalt: Buffer;
      remoteMasterKey: Buffer;
      remoteMasterSalt: Buffer;
    };
    profile: number;
  }) => WeriftSession;
  RtpHeader: new (fields: { ssrc: number; payloadType: number }) => WeriftHeader;
}
interface WeriftSession {
  encrypt(payload: Buffer, header: WeriftHeader): Buffer;
  decrypt(packet: Buffer): Buffer;
}
interface WeriftHeader {
  sequenceNumber: number;
  timestamp: number;
}

/** Its numbers of the two suites it has, those of DTLS-SRTP (RFC 5764 §4.1.2, RFC 7714 §14.2). */
const profiles: Readonly<Record<string, number>> = { AES_CM_128_HMAC_SHA1_80: 1, AEAD_AES_128_GCM: 7 };

const HEADER_LENGTH = 12;
const folder = fileURLToPath(new URL('competitors/', import.meta.url));

export const weriftContenders: Readonly<Record<string, () => MeteredContender>> = {
  'werift-rtp 0.8.9': () => new InProcessContender(werift('werift-rtp 0.8.9')),
};

/** Installs it beside the benchmark, at the version that competitors/package.json pins; it is no dependency of the room. */
export function installCompetitors(say: (sentence: string) => void): void {
  if (existsSync(`${folder}node_modules/werift-rtp`)) return;
  say('Installing werift-rtp to compare with …');
  const options = [
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    '--legacy-peer-deps',
    '--ignore-scripts',
    '--silent',
  ];
  execFileSync('npm', ['install', '--prefix', folder, ...options], { stdio: ['ignore', 2, 2] });
}

function werift(name: string): Engine {
  const { SrtpSession, RtpHeader } = createRequire(`${folder}package.json`)('werift-rtp') as WeriftModule;
  const open = (profile: string, master: BenchKey) => {
    const number = profiles[profile];
    if (number === undefined) throw new Error(`werift-rtp has no ${profile}`);
    const [key, salt] = [Buffer.from(master.key), Buffer.from(master.salt)];
    return new SrtpSession({
      keys: { localMasterKey: key, localMasterSalt: salt, remoteMasterKey: key, remoteMasterSalt: salt },
      profile: number,
    });
  };
  return {
    name,
    performs: (profile) => Object.hasOwn(profiles, profile),
    openSender(profile, master, ssrc) {
      const session = open(profile, master);
      // Kept, so that nothing is parsed in its time: its own users have the header as an object.
      const header = new RtpHeader({ ssrc, payloadType: 8 });
      return {
        protect(packet, out) {
          const bytes = Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength);
          header.sequenceNumber = bytes.readUInt16BE(2);
          header.timestamp = bytes.readUInt32BE(4);
          const sealed = session.encrypt(bytes.subarray(HEADER_LENGTH), header);
          out.set(sealed);
          return sealed.byteLength;
        },
      };
    },
    openReceiver(profile, master) {
      const session = open(profile, master);
      return {
        unprotect(packet, out) {
          const opened = session.decrypt(Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength));
          out.set(opened);
          return opened.byteLength;
        },
      };
    },
  };
}
