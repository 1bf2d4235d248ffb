import { z } from 'zod';

/** How the signalling of a call manager is protected. */
export const managerTunnel = z.strictObject({
  identity: z
    .string()
    .min(1)
    .optional()
    .describe('Identity that it proves: a name or address of its certificate. Its `address` without it.'),
  certificate: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Its certificate (PEM): this very one has to be shown. Without it any that `ipsec.authority` issued for the identity.',
    ),
  local: z
    .union([z.ipv4(), z.ipv6()])
    .optional()
    .describe('Our address for its signalling; `h323.address` without it.'),
});

/** IPsec of this gateway, which waits to be called: the call manager initiates. */
export const ipsec = z.strictObject({
  certificate: z.string().min(1).describe('Our certificate (PEM), issued for `localIdentity`.'),
  key: z.string().min(1).describe('Its private key (PEM, mode 0600).'),
  authority: z.string().min(1).describe('Certificate of the authority that issued that of the call manager (PEM).'),
  localIdentity: z.string().min(1).describe('Identity that we prove: a name or address of our certificate.'),
  helper: z
    .enum(['separate', 'own'])
    .default('separate')
    .describe(
      'Who does what needs root: `trustline ipsec helper`, which root has started, or this program, which then has to run as root.',
    ),
  folder: z
    .string()
    .regex(/^\//, 'An absolute path is wanted')
    .max(80)
    .default('/run/trustline-ipsec')
    .describe('Folder of the helper’s sockets.'),
  stateFile: z
    .string()
    .regex(/^\//, 'An absolute path is wanted')
    .default('/var/lib/trustline-ipsec/guard.json')
    .describe('Where the helper keeps which addresses it closed. With `helper: own`.'),
  stack: z
    .enum(['userspace', 'kernel'])
    .default('userspace')
    .describe('Who does ESP: the IKE daemon, on every kernel, or the kernel.'),
  table: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,50}$/, 'Allowed are lower-case letters, digits and underscores, a letter first')
    .default('trustline_ipsec')
    .describe('Table of nftables that holds the guard. With `helper: own`.'),
  mediaSeconds: z
    .int()
    .min(0)
    .max(3_600)
    .default(30)
    .describe(
      'How long media that are keyed go on while protection is away. Then the calls end. New keys stop at once.',
    ),
});
