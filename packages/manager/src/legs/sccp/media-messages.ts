import { Redacted } from '@trustline/base';
import type { MediaKey } from '@trustline/callcontrol';
import type { SdesSuiteName } from '@trustline/keying';
import {
  type KnownMessage,
  MediaEncryptionAlgorithm,
  type MediaEncryptionKeyInfo,
  noMediaEncryption,
  openReceiveChannel,
  PortHandling,
  type SessionDialect,
  startMediaTransmission,
} from '@trustline/sccp';
import type { MediaOrder } from './leg-media.ts';

/** What the slots of Skinny can carry: AES_256 has no room. [reference §4.4] */
const algorithms: Partial<Readonly<Record<SdesSuiteName, number>>> = {
  AES_CM_128_HMAC_SHA1_80: MediaEncryptionAlgorithm.CCM_AES_CM_128_HMAC_SHA1_80,
  AES_CM_128_HMAC_SHA1_32: MediaEncryptionAlgorithm.CCM_AES_CM_128_HMAC_SHA1_32,
  AEAD_AES_128_GCM: MediaEncryptionAlgorithm.CCM_AEAD_AES_128_GCM,
};

/** GCM is in the newest sources alone: a phone that does not know it would be silent behind a closed lock. [I] */
const GCM_VERSION = 20;

/** SRTP suites that a Skinny phone can be given keys for. */
export function isCarried(suite: SdesSuiteName, { version }: Pick<SessionDialect, 'version'>): boolean {
  return algorithms[suite] !== undefined && (suite !== 'AEAD_AES_128_GCM' || version >= GCM_VERSION);
}

/** A channel is opened, closed, and begins and ends to send. */
export function channelMessage(dialect: SessionDialect, order: MediaOrder, callReference: number): KnownMessage {
  const party = { conferenceId: callReference, passThroughPartyId: order.channel, callReference };
  const portHandlingFlag = PortHandling.CLOSE_PORT;
  if (order.kind === 'close-receive-channel') return { kind: 'CloseReceiveChannel', ...party, portHandlingFlag };
  if (order.kind === 'stop-media-transmission') return { kind: 'StopMediaTransmission', ...party, portHandlingFlag };
  const stream = {
    ...party,
    payloadType: order.format.payload,
    millisecondsPerPacket: order.packetTime,
    telephoneEventPayloadType: order.digits ?? 0,
    keyInfo: keyInfoOf(order.key),
  };
  if (order.kind === 'open-receive-channel') return openReceiveChannel(dialect, stream);
  return startMediaTransmission(dialect, { ...stream, address: order.address, port: order.port });
}

function keyInfoOf(key: MediaKey | undefined): MediaEncryptionKeyInfo {
  const [master] = key?.keys ?? [];
  const algorithmID = key?.suite && algorithms[key.suite.name];
  if (key?.suite === undefined || master === undefined || algorithmID === undefined) return noMediaEncryption;
  const octets = master.material.reveal();
  const { keyLength } = key.suite;
  return {
    algorithmID,
    key: new Redacted(octets.slice(0, keyLength)),
    salt: new Redacted(octets.slice(keyLength)),
    isMKIPresent: 0,
    keyDerivationRate: 0,
  };
}
