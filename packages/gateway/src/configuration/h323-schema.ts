import { z } from 'zod';
import { managerTunnel } from './ipsec-schema.ts';
import { numberingArea } from './numbering-schema.ts';

const host = (what: string) => z.string().min(1).describe(what);
const port = (usual: number) => z.int().min(0).max(65_535).default(usual);

const callManager = z.strictObject({
  name: z.string().min(1).max(64).describe('What dial peers and records call it.'),
  address: host('Address of the call manager. What comes from another one is turned away.'),
  port: port(1720).describe('Its port of call signalling.'),
  srtp: z
    .enum(['require', 'prefer', 'forbid'])
    .default('require')
    .describe(
      'Whether media must be SRTP (H.235.8). Its keys travel in the signalling, so under `require` a call needs a connection that is ' +
        'proven to be inside IPsec; `prefer` sends and takes keys on such a connection only, and is clear otherwise.',
    ),
  suites: z
    .array(z.enum(['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32']))
    .min(1)
    .default(['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'])
    .describe('Crypto suites, preferred first.'),
  keyReading: z
    .enum(['sender', 'receiver'])
    .default('sender')
    .describe(
      'Whose key protects media: that of who sends them, as H.235.8 has it, or that of who receives them, as OPAL reads it.',
    ),
  ackKey: z
    .enum(['own', 'echo', 'none'])
    .optional()
    .describe(
      'The key in our OpenLogicalChannelAck: a new one of ours, the one received, or none. Without it `own` for the reading `receiver`, ' +
        '`none` for `sender`.',
    ),
  keyForm: z
    .enum(['direct', 'genericKeyMaterial'])
    .default('direct')
    .describe('How keys stand in the message: as OPAL writes them, or as H.235.8 does. Both are read.'),
  codecs: z
    .array(z.enum(['PCMA', 'PCMU']))
    .min(1)
    .default(['PCMA', 'PCMU'])
    .describe('G.711 by law, preferred first. The law of the port saves a conversion.'),
  tunnelling: z.boolean().default(false).describe('H.245 within call signalling, where the call manager does so too.'),
  fastStart: z
    .boolean()
    .default(false)
    .describe('Fast connect. It carries no keys, so it is used for clear calls only.'),
  telephoneEvent: z
    .int()
    .min(96)
    .max(127)
    .default(101)
    .describe(
      'Payload type in which digits (RFC 4733) are taken. They are sent so where the call manager says that it takes them, and by H.245 otherwise.',
    ),
  numbering: numberingArea.optional(),
  ipsec: managerTunnel
    .optional()
    .describe('Its tunnel, where `ipsec` is set up: the proof that keys need. Without one nothing of it is proven.'),
});

export const h323 = z.strictObject({
  address: host(
    'Address of call signalling; it is also the one that we connect from. `0.0.0.0` is every address.',
  ).default('0.0.0.0'),
  port: port(1720).describe('Port of call signalling; 0 lets the system choose.'),
  callManagers: z
    .array(callManager)
    .default([])
    .describe('Call managers (or other gateways) that calls come from and go to.'),
});
