import { z } from 'zod';
import { numberingArea } from './numbering-schema.ts';

/** A host name or address, with or without port. */
const server = z
  .string()
  .regex(/^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?$/, 'Allowed is a name or address, with or without a port');

export const trunk = z.strictObject({
  name: z.string().min(1).max(64).describe('What dial peers and records call this carrier.'),
  server: server.describe(
    'The carrier: a domain, whose servers are found by NAPTR and SRV records (RFC 3263), or a host. A port leaves those records out.',
  ),
  transport: z
    .enum(['tls', 'tcp', 'udp'])
    .default('tls')
    .describe('How the carrier is reached. Keys of SRTP are told over `tls` only.'),
  listen: z
    .strictObject({
      address: z.string().min(1).default('0.0.0.0').describe('Address to listen on.'),
      port: z.int().min(0).max(65_535).describe('Port to listen on.'),
    })
    .optional()
    .describe(
      'Where the carrier may connect to us. By TLS it has to show a certificate of `domain`, by UDP and TCP to come from one of its ' +
        'servers. Without it calls come down our own connection only, and by UDP at a port that the system chooses.',
    ),
  domain: z
    .string()
    .min(1)
    .optional()
    .describe('The name that the certificate of the carrier has to hold (RFC 5922); the host of `server` without it.'),
  authorities: z
    .string()
    .min(1)
    .optional()
    .describe(
      'File with the certificates (PEM) of the authorities that the carrier’s comes from; those of the system without it.',
    ),
  certificate: z
    .string()
    .min(1)
    .optional()
    .describe('Our certificate with its chain (PEM), for a carrier that wants mutual TLS.'),
  key: z.string().min(1).optional().describe('Its private key (PEM, mode 0600).'),
  srtp: z
    .enum(['require', 'prefer', 'forbid'])
    .default('prefer')
    .describe('Whether media are protected by SRTP with keys by SDES (RFC 4568).'),
  register: z
    .strictObject({
      username: z.string().min(1).describe('Name of the account.'),
      passwordFile: z.string().min(1).describe('File whose first line is the password, mode 0600.'),
      addressOfRecord: z.string().optional().describe('What is registered; `sip:USERNAME@DOMAIN` without it.'),
      seconds: z.int().min(60).max(86_400).default(600).describe('For how long is asked; it is renewed in time.'),
      md5: z.boolean().default(false).describe('Answers a challenge for MD5 too.'),
      clear: z
        .boolean()
        .default(false)
        .describe('Answers a challenge without TLS too: whoever listens may guess the password.'),
    })
    .optional()
    .describe('Registers with the carrier. Without it the carrier knows us by address or certificate.'),
  number: z
    .string()
    .regex(/^\+[1-9]\d{1,14}$/, 'Allowed is a number of E.164 with plus, in quotes')
    .optional()
    .describe('Our main number. It is asserted for callers who have none of E.164.'),
  optionsSeconds: z
    .int()
    .min(1)
    .max(3_600)
    .default(30)
    .describe('How often the carrier is asked by OPTIONS whether it is there.'),
  silentSeconds: z
    .int()
    .min(1)
    .max(32)
    .default(4)
    .describe(
      'How long the carrier may say nothing at all: to an INVITE, before the next dial peer is tried, and to OPTIONS, before it counts as down.',
    ),
  numbering: numberingArea.optional(),
});
