import type { CallRecord } from '@trustline/evidence';
import type { CallAnswer } from '@trustline/manager';
import type { DirectionKeys } from '@trustline/srtp';
import type { LegProof } from './measurement.ts';
import type { Station } from './station.ts';

/** Puts together what the phone, the manager and the signed record say of a leg. */
export function legProof(station: Station, running: CallAnswer, record: CallRecord | undefined): LegProof {
  const { device, line } = station.plan;
  const leg = running.legs.find((one) => one.device === device);
  const { trust } = station;
  const recorded = record?.legs.find(({ party }) => party.device === device);
  return {
    device,
    line,
    certificate: trust.lsc ?? { subject: 'none', issuer: 'none' },
    trust,
    manager: station.manager?.subject ?? null,
    tls: {
      protocol: station.tls?.protocol ?? 'none',
      cipher: station.tls?.cipher ?? 'none',
      group: station.tls?.group ?? null,
    },
    signalling: leg?.signalling ?? 'unknown',
    proof: leg?.proof ?? 'unknown',
    provenIdentity: recorded?.party.provenIdentity ?? null,
    keying: leg?.keying ?? 'unknown',
    suite: leg?.suite ?? null,
    keyMade: keyPrint(station.keys?.send),
    keyReceived: keyPrint(station.keys?.receive),
    rtp: station.mediaAddress,
    levelShown: station.call.level ?? null,
  };
}

/** The beginning of the SHA-256 of the key: enough to compare keys by, and nobody searches 240 random bits. */
function keyPrint(keys: DirectionKeys | undefined): string | null {
  return keys?.fingerprint.split(' ').at(-1)?.slice(0, 8) ?? null;
}
