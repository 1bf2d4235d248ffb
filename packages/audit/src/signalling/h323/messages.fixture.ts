import { Redacted } from '@trustline/base';
import { encodeSrtpKey, encodeTpkt, type H245, h245Codec, srtpCapability } from '@trustline/h323';
import type { Said } from '../conversation.fixture.ts';

const masterKey = { key: new Redacted(new Uint8Array(16).fill(0x5a)), salt: new Redacted(new Uint8Array(14).fill(7)) };

function encoded(message: H245.MultimediaSystemControlMessage): Uint8Array {
  return encodeTpkt(h245Codec.encode(message));
}

const address = (tsapIdentifier: number): H245.TransportAddress => ({
  kind: 'unicastAddress',
  value: { kind: 'iPAddress', value: { network: Uint8Array.of(192, 0, 2, 1), tsapIdentifier } },
});

/** H.245 of a call: what it is, a channel with a key, where it is received, and a digit. */
export function controlOfCall(form: 'direct' | 'genericKeyMaterial' = 'genericKeyMaterial'): readonly Said[] {
  const channel: H245.OpenLogicalChannel = {
    forwardLogicalChannelNumber: 1,
    forwardLogicalChannelParameters: {
      dataType: {
        kind: 'h235Media',
        value: {
          encryptionAuthenticationAndIntegrity: {
            genericH235SecurityCapability: srtpCapability(['AES_CM_128_HMAC_SHA1_80']),
          },
          mediaType: { kind: 'audioData', value: { kind: 'g711Alaw64k', value: 20 } },
        },
      },
      multiplexParameters: { kind: 'h2250LogicalChannelParameters', value: { sessionID: 1 } },
    },
    encryptionSync: { synchFlag: 0, h235Key: encodeSrtpKey(masterKey, form) },
  };
  const digit: H245.UserInputIndication = { kind: 'signal', value: { signalType: '5' } };
  return [
    [
      'client',
      encoded({
        kind: 'request',
        value: {
          kind: 'masterSlaveDetermination',
          value: { terminalType: 50, statusDeterminationNumber: 77 },
        },
      }),
    ],
    ['client', encoded({ kind: 'request', value: { kind: 'openLogicalChannel', value: channel } })],
    [
      'server',
      encoded({
        kind: 'response',
        value: {
          kind: 'openLogicalChannelAck',
          value: {
            forwardLogicalChannelNumber: 1,
            forwardMultiplexAckParameters: {
              kind: 'h2250LogicalChannelAckParameters',
              value: { mediaChannel: address(5_000), mediaControlChannel: address(5_001) },
            },
          },
        },
      }),
    ],
    ['client', encoded({ kind: 'indication', value: { kind: 'userInput', value: digit } })],
  ];
}
