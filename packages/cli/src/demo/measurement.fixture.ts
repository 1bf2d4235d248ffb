import type { Attack, LegProof, Measurement, SceneProof } from './measurement.ts';
import { type End, eachEnd, otherEnd, phonePlans } from './plan.ts';

/** A run in which everything holds. */
export const encryptedRun: Measurement = {
  protocol: 'sip',
  mode: 'encrypted',
  sabotage: null,
  node: 'node-1',
  version: '0.1.0',
  startedAt: '2026-11-23T18:42:00.000Z',
  seconds: 14.2,
  level: 'encrypted',
  codec: 'PCMA',
  legs: eachEnd(leg),
  withoutKeys: eachEnd(() => tapped({ highest: 0.021, lowest: 0.018 })),
  withKeys: eachEnd((end) => tapped({ highest: 0.999, lowest: 0.998, opened: 2, digits: phonePlans[end].digits })),
  heardByOther: { caller: 0.99, called: 0.98 },
  scenes: [],
  digitsReceived: eachEnd((end) => phonePlans[end].digits),
  forged: eachEnd(() => attack(10, 10, { 'authentication-failed': 10 })),
  replayed: eachEnd(() => attack(10, 10, { replayed: 10 })),
  packets: 2_200,
  packetsDropped: 0,
  records: { verdict: { ok: true, count: 15, hash: 'ab', erased: 0 }, level: 'encrypted' },
  auditor: {
    verdict: 'protected',
    because: 'All of its media is SRTP.',
    counts: { heard: 0, 'digits-heard': 0, 'keys-exposed': 0, 'metadata-only': 0, 'cannot-tell': 0, protected: 2 },
    page: '/tmp/trustline-demo-1/report.html',
  },
  folder: '/tmp/trustline-demo-1',
  capture: '/tmp/trustline-demo-1/call.pcapng',
};

/** A run of phones that speak Skinny, in which everything holds. */
export const skinnyRun: Measurement = {
  ...encryptedRun,
  protocol: 'sccp',
  legs: eachEnd((end) => ({ ...leg(end), keying: 'sccp', suite: 'AEAD_AES_128_GCM' })),
  scenes: [
    scene('to-sip', '1001', '1003'),
    scene('from-sip', '1003', '1001'),
    {
      ...scene('held-and-transferred', '1002', '1003'),
      hold: { packets: 0, goesOn: true, keysAreNew: true },
      keysAreNew: true,
    },
    {
      ...scene('open-lock', '1001', '1004'),
      levelsShown: ['non-secure', 'non-secure'],
      suite: 'clear',
      keysAgree: false,
      tap: { packets: 160, highest: 0.999, lowest: 0.998, lowestWithKeys: 0.998 },
    },
  ],
};

function scene(name: SceneProof['name'], from: string, to: string): SceneProof {
  return {
    name,
    from,
    to,
    levelsShown: ['encrypted', 'encrypted'],
    suite: 'AEAD_AES_128_GCM',
    keysAgree: true,
    keysAreNew: null,
    hold: null,
    tap: { packets: 160, highest: 0.03, lowest: 0.02, lowestWithKeys: 0.99 },
  };
}

/** A run with SRTP off in which everything is as it is expected. */
export const clearRun: Measurement = {
  ...encryptedRun,
  mode: 'clear',
  level: 'authenticated',
  legs: eachEnd((end) => ({
    ...leg(end),
    keying: 'none',
    suite: null,
    keyMade: null,
    keyReceived: null,
    levelShown: 'authenticated',
  })),
  withoutKeys: eachEnd((end) => tapped({ highest: 0.999, lowest: 0.998, digits: phonePlans[end].digits })),
  withKeys: undefined,
  auditor: { ...encryptedRun.auditor, verdict: 'heard' },
  forged: eachEnd(() => attack(10, 10, {})),
  replayed: eachEnd(() => attack(10, 10, {})),
  records: { ...encryptedRun.records, level: 'authenticated' },
};

export function tapped(figures: Partial<Measurement['withoutKeys'][End]> = {}): Measurement['withoutKeys'][End] {
  return {
    interfaces: ['SEP020000001001', 'SEP020000001002'],
    packets: 550,
    seconds: 8,
    highest: 0,
    lowest: 0,
    digits: '',
    opened: 0,
    samples: new Int16Array(0),
    ...figures,
  };
}

export function attack(sent: number, arrived: number, reasons: Attack['reasons']): Attack {
  return { sent, arrived, refused: Object.values(reasons).reduce((sum, count) => sum + count, 0), reasons };
}

function leg(end: End): LegProof {
  const { device, line } = phonePlans[end];
  const keyOf = (of: End) => (of === 'caller' ? '11111111' : '22222222');
  return {
    device,
    line,
    certificate: { subject: `CN=${device}, OU=Devices`, issuer: 'CN=Trustline Lab CAPF CA' },
    trust: {
      ctl: { signer: 'SAST-LAB0FD4995A3245', hash: '0123abcd' },
      blindly: true,
      itl: { signer: 'TFTP server', hash: '4567cdef' },
      lsc: { subject: `CN=${device}, OU=Devices`, issuer: 'CN=Trustline Lab CAPF CA' },
      enrolledBy: 'MIC',
      filesBy: ['http'],
    },
    manager: 'CN=manager',
    tls: { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', group: 'X25519MLKEM768' },
    signalling: 'tls-mutual',
    proof: 'certificate',
    provenIdentity: `CN=${device}, OU=Devices`,
    keying: 'sdes',
    suite: 'AES_CM_128_HMAC_SHA1_80',
    keyMade: keyOf(end),
    keyReceived: keyOf(otherEnd(end)),
    rtp: { address: '127.0.0.1', port: end === 'caller' ? 40_000 : 41_000 },
    levelShown: 'encrypted',
  };
}
