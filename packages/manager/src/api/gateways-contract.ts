/** Gateways: what may be asked and what is answered. */
import { octetsOfAddress } from '@trustline/h323';
import { z } from 'zod';
import { defaultGatewaySettings as usual } from '../legs/h323/gateway-settings.ts';
import type { Answer } from './answer.ts';
import type { DeviceAnswer } from './contract.ts';

const address = z.stringFormat(
  'address',
  (text) => octetsOfAddress({ address: text, port: 1 }) !== undefined,
  'an address of IPv4 or IPv6 is wanted, for a connection is proven by its addresses; a name is not looked up',
);
const port = z.int().min(1).max(65_535);

const gatewayFields = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9._-]{0,62}$/, 'a gateway is named by letters, digits, dots and hyphens, a letter first')
    .meta({ title: 'name of the gateway', examples: ['gw1'] }),
  addresses: z
    .array(address)
    .min(1)
    .max(8)
    .readonly()
    .meta({ title: 'signalling address', option: '--address', examples: ['192.0.2.10'] }),
  port: port.default(usual.port).meta({ title: 'port', option: '--port', examples: [1720] }),
  /** Where its media come from, where that is another address: for what is shown to be pasted, and for the tunnel. */
  mediaAddress: address
    .optional()
    .meta({ title: 'media address', option: '--media-address', examples: ['192.0.2.11'] }),
  localAddress: address.optional().meta({ title: 'own address', option: '--local-address', examples: ['192.0.2.1'] }),
  policy: z
    .enum(['require', 'prefer', 'forbid'])
    .default(usual.policy)
    .meta({ title: 'policy', option: '--policy', examples: ['require'] }),
  protection: z
    .enum(['ipsec', 'none'])
    .default('ipsec')
    .meta({ title: 'protection', option: '--no-ipsec', examples: ['ipsec'] }),
  /** How its tunnel is, where it is not configured by itself. */
  ipsecProfile: z
    .enum(['standard', 'legacy'])
    .default(usual.ipsecProfile)
    .meta({ title: 'profile', option: '--legacy' }),
  preSharedKeyFile: z
    .string()
    .regex(/^\//, 'an absolute path on the machine of the manager')
    .max(1_024)
    .optional()
    .meta({ title: 'file of the key', option: '--pre-shared-key-file', examples: ['/etc/trustline/gw2.key'] }),
  tunnelling: z.boolean().default(usual.tunnelling),
  fastStart: z.boolean().default(usual.fastStart),
  keyReading: z
    .enum(['sender', 'receiver', 'auto'])
    .default(usual.keyReading)
    .meta({ title: 'reading of the keys', option: '--key-reading', examples: ['sender'] }),
  keyForm: z
    .enum(['direct', 'genericKeyMaterial'])
    .default(usual.keyForm)
    .meta({ title: 'form of the keys', option: '--key-form', examples: ['direct'] }),
  channels: z
    .int()
    .min(1)
    .max(10_000)
    .default(usual.channels)
    .meta({ title: 'channels', option: '--channels', examples: [30] }),
  codecs: z
    .array(z.enum(['g711Ulaw64k', 'g711Alaw64k', 'g722-64k', 'g729', 'g729AnnexA']))
    .min(1)
    .readonly()
    .default(usual.codecs)
    .meta({ title: 'codec', option: '--codec', examples: ['g711Alaw64k'] }),
  suites: z
    .array(z.enum(['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32']))
    .min(1)
    .readonly()
    .default(usual.suites)
    .meta({ title: 'crypto suite', option: '--suite', examples: ['AES_CM_128_HMAC_SHA1_80'] }),
  /** What says whether a call may be and where it goes; its calls go to `addresses` alone. */
  gatekeeper: z
    .strictObject({
      address: address.meta({ title: 'gatekeeper', option: '--gatekeeper', examples: ['192.0.2.5'] }),
      port: port
        .default(1_719)
        .meta({ title: 'port of the gatekeeper', option: '--gatekeeper', examples: ['192.0.2.5:1719'] }),
      /** What the manager is registered as; the first of its names where it is absent. */
      alias: z
        .string()
        .min(1)
        .max(128)
        .optional()
        .meta({ title: 'alias', option: '--gatekeeper-alias', examples: ['manager'] }),
      identifier: z
        .string()
        .min(1)
        .max(128)
        .optional()
        .meta({ title: 'zone', option: '--gatekeeper-id', examples: ['zone1'] }),
      prefixes: z
        .array(z.string().regex(/^[0-9#*]{1,32}$/, 'one to 32 of the digits, * and # are wanted'))
        .max(64)
        .readonly()
        .default([])
        .meta({ title: 'prefix', option: '--gatekeeper-prefix', examples: ['20'] }),
    })
    .optional(),
  description: z.string().max(200).default('').meta({ title: 'description', option: '--description' }),
});

export const gatewayRequest = gatewayFields.refine(
  ({ ipsecProfile, preSharedKeyFile }) => preSharedKeyFile === undefined || ipsecProfile === 'legacy',
  {
    path: ['preSharedKeyFile'],
    message: 'a key that both know is taken with the legacy profile only',
    params: { nextStep: 'Give --legacy too; or leave the key out, and let the gateway prove itself by a certificate.' },
  },
);
export type GatewayRequest = z.input<typeof gatewayRequest>;

export interface GatewayAnswer {
  readonly device: DeviceAnswer;
  readonly settings: Omit<z.output<typeof gatewayRequest>, 'name' | 'description'>;
}

export interface GatewaysAnswer extends Answer {
  readonly gateways: readonly GatewayAnswer[];
}

export interface GatewayShownAnswer extends Answer, GatewayAnswer {
  /** Where the gateway is to send its calls: our address and port of call signalling; null where nothing listens. */
  readonly manager: { readonly address: string; readonly port: number } | null;
  /** What we prove to be by IPsec. */
  readonly managerIdentity: string;
}
