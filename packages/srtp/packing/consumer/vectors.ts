// What somebody writes who installed the package: protects and opens packets, and compares with those of libsrtp.
// package.system.test.ts compiles it against the packed declarations and runs it under Node.js and in a browser.
import {
  createSrtpReceiver,
  createSrtpSender,
  type SrtpCryptoProvider,
  SrtpError,
  type SrtpProfileName,
} from '@trustline/srtp';

/** The first SRTP packet of a stream, and an SRTCP packet with index 1. */
export interface Vector {
  readonly profile: SrtpProfileName;
  readonly key: string;
  readonly salt: string;
  readonly rtp: string;
  readonly srtp: string;
  readonly rtcp: string;
  readonly srtcp: string;
}

export interface Verdict {
  readonly provider: string;
  readonly profile: SrtpProfileName;
  /** What is not as it should be; empty when all is well. */
  readonly faults: readonly string[];
}

// @ts-expect-error The declarations know their suites: where this were no mistake, they would be `any`.
export const misspelt: SrtpProfileName = 'AES_CM_128';

export function verdictOn(provider: string, crypto: SrtpCryptoProvider, vector: Vector): Verdict {
  const { profile } = vector;
  const options = { profile, crypto, masterKeys: [{ key: octets(vector.key), salt: octets(vector.salt) }] } as const;
  const sender = createSrtpSender(options);
  const receiver = createSrtpReceiver(options);
  const out = new Uint8Array(128);
  const faults: string[] = [];
  const expect = (what: string, outcome: number | string, wanted: string) => {
    const found = typeof outcome === 'number' ? hexadecimal(out.subarray(0, outcome)) : outcome;
    if (found !== wanted) faults.push(`${what}: ${found} instead of ${wanted}`);
  };
  const rtcp = octets(vector.rtcp);
  sender.setRtcpIndex(new DataView(rtcp.buffer).getUint32(4), 1);
  expect('protect', sender.protect(octets(vector.rtp), out), vector.srtp);
  expect('protectRtcp', sender.protectRtcp(rtcp, out), vector.srtcp);
  expect(
    'protect once more',
    refusal(() => sender.protect(octets(vector.rtp), out)),
    'srtp.index-reused',
  );
  expect('unprotect, damaged', receiver.unprotect(damaged(vector.srtp), out), 'authentication-failed');
  expect('unprotect', receiver.unprotect(octets(vector.srtp), out), vector.rtp);
  expect('unprotect, again', receiver.unprotect(octets(vector.srtp), out), 'replayed');
  expect('unprotectRtcp, damaged', receiver.unprotectRtcp(damaged(vector.srtcp), out), 'authentication-failed');
  expect('unprotectRtcp', receiver.unprotectRtcp(octets(vector.srtcp), out), vector.rtcp);
  sender.close();
  receiver.close();
  return { provider, profile, faults };
}

/** The code of the error with which a misuse is answered. */
function refusal(misuse: () => unknown): string {
  try {
    misuse();
    return 'not refused';
  } catch (error) {
    return error instanceof SrtpError ? error.code : String(error);
  }
}

/** The packet with a bit of its payload flipped. */
function damaged(packet: string): Uint8Array {
  return octets(packet).map((octet, i) => (i === 20 ? octet ^ 1 : octet));
}

function octets(hexadecimal: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hexadecimal.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join('');
}
