import { z } from 'zod';

const address = z.union([z.ipv4(), z.ipv6()]);

const selectors = z.strictObject({
  local: z.array(z.string().min(1)).min(1).describe('At our end: `10.0.0.1/32[tcp]`.'),
  remote: z.array(z.string().min(1)).min(1).describe('At the gateway: `10.0.0.2/32[tcp/1720]`.'),
});

const mediaPorts = z.strictObject({
  first: z.int().min(1_024).max(65_535).describe('First UDP port.'),
  last: z.int().min(1_024).max(65_535).describe('Last UDP port.'),
});

/** How one gateway is protected. */
export const gatewayTunnel = z
  .strictObject({
    gateway: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'letters, digits, dots, hyphens and underscores, 63 at most')
      .describe('Name of the gateway.'),
    local: address.describe('Our address of its signalling: where this machine sends from and listens.'),
    remote: address.describe('Address of the gateway for signalling. Give media an address of its own.'),
    profile: z
      .enum(['standard', 'legacy'])
      .default('standard')
      .describe(
        '`standard`: IKEv2 with AES-GCM and elliptic curves. `legacy`: IKEv1 main mode with AES-128, SHA-1 and group 2, for ' +
          'gateways of 2013; it is weak, and shown so.',
      ),
    mode: z
      .enum(['tunnel', 'transport'])
      .default('tunnel')
      .describe('Mode of ESP, the same at both ends; `transport` needs the stack `kernel`.'),
    identity: z
      .string()
      .min(1)
      .optional()
      .describe('Identity that the gateway proves: a name or an address of its certificate. Its `remote` by default.'),
    localIdentity: z
      .string()
      .min(1)
      .optional()
      .describe('Identity that we prove to it: the first of `identity.hosts`, or under a shared key `local`.'),
    certificateFile: z
      .string()
      .min(1)
      .optional()
      .describe('The certificate of the gateway (PEM): this very one has to be shown. Relative to this document.'),
    authorityFile: z
      .string()
      .min(1)
      .optional()
      .describe('The authority that issued it (PEM), in place of that of this cluster. Relative to this document.'),
    preSharedKeyFile: z
      .string()
      .min(1)
      .optional()
      .describe(
        'File (mode 0600) whose first line is the pre-shared key; under `legacy` only. Relative to this document.',
      ),
    selectors: selectors
      .optional()
      .describe(
        'What is protected; by default both addresses whole, which is the only choice that leaves nothing out.',
      ),
    mediaPorts: mediaPorts
      .optional()
      .describe('UDP ports of ours for media beside the tunnel, where media shares the address of signalling.'),
  })
  .superRefine(({ profile, preSharedKeyFile, certificateFile, authorityFile, mediaPorts: ports }, context) => {
    const add = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (preSharedKeyFile !== undefined && profile === 'standard') {
      add('preSharedKeyFile', 'a pre-shared key is taken under `profile: legacy` only');
    }
    if (preSharedKeyFile !== undefined && (certificateFile ?? authorityFile) !== undefined) {
      add('preSharedKeyFile', 'a gateway proves itself by a certificate or by a key, not by both');
    }
    if (certificateFile !== undefined && authorityFile !== undefined) {
      add('authorityFile', 'a pinned certificate needs no authority');
    }
    if (ports !== undefined && ports.first > ports.last) add('mediaPorts', 'the first port is above the last');
  });

export const ipsec = z.strictObject({
  enabled: z.boolean().default(false).describe('Whether gateways are protected by IPsec.'),
  helper: z
    .enum(['separate', 'own'])
    .default('separate')
    .describe(
      'Who does what needs root. `separate`: `trustline ipsec helper`, which root has started. `own`: the manager itself, ' +
        'which then has to run as root: for laboratories and containers.',
    ),
  folder: z
    .string()
    .regex(/^\//, 'an absolute path is wanted')
    .max(80)
    .default('/run/trustline-ipsec')
    .describe('Folder of the helper’s sockets.'),
  stateFile: z
    .string()
    .regex(/^\//, 'an absolute path is wanted')
    .default('/var/lib/trustline-ipsec/guard.json')
    .describe(
      'Where the helper keeps which addresses it closed, to close them at its next start before anything else.',
    ),
  group: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'the name of a group of this machine')
    .default('trustline')
    .describe('Group whose members may use the helper: that of the manager’s user.'),
  stack: z
    .enum(['userspace', 'kernel'])
    .default('userspace')
    .describe(
      'Who does ESP: the IKE daemon itself, which works on every kernel, or the kernel. In user space it is always tunnel ' +
        'mode within UDP, and what the selectors leave out is dropped.',
    ),
  table: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,50}$/, 'lower-case letters, digits and underscores, a letter first')
    .default('trustline_ipsec')
    .describe('Table of nftables that holds the guard.'),
  mediaSeconds: z
    .int()
    .min(0)
    .max(3_600)
    .default(30)
    .describe(
      'How long media that are keyed go on while the protection of their gateway is away. Then the calls end. New keys stop at once.',
    ),
  tunnels: z.array(gatewayTunnel).default([]).describe('The protected gateways.'),
});

/** How one gateway is protected, complete. */
export type GatewayTunnel = z.output<typeof gatewayTunnel>;
