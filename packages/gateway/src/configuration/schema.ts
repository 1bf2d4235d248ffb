/**
 * The document that configures a gateway. Every key is documented where it is defined; `docs/gateway-configuration.md` is made
 * from these descriptions.
 */
import { z } from 'zod';
import { DestinationPattern } from '../numbers/destination-pattern.ts';
import { toneCountries } from '../tones/call-progress-tones.ts';
import { h323 } from './h323-schema.ts';
import { ipsec } from './ipsec-schema.ts';
import { rewriting } from './numbering-schema.ts';
import { port } from './port-schema.ts';
import { trunk } from './trunk-schema.ts';

const side = z
  .strictObject({
    h323: z.string().min(1).optional().describe('Name of a call manager.'),
    port: z.string().min(1).optional().describe('Name of a port.'),
    trunk: z.string().min(1).optional().describe('Name of a carrier.'),
  })
  .refine(
    (one) => Object.values(one).filter((name) => name !== undefined).length === 1,
    'One of h323, port and trunk is to be named',
  );

const dialPeer = z.strictObject({
  name: z.string().min(1).max(64).describe('What the log calls it.'),
  pattern: z
    .string()
    .refine(
      (text) => DestinationPattern.read(text) !== undefined,
      'Allowed are digits, *, #, a leading +, . for any digit, [2-5] for some, and T at the end for any more',
    )
    .describe(
      'Numbers it is for: digits, `*`, `#` and a leading `+` stand for themselves, `.` for any digit, `[2-57]` for some, `T` at the end ' +
        'for any further ones. Of several that match the one that names most digits is tried first.',
    ),
  to: side.describe('Where its calls go.'),
  from: z.array(side).default([]).describe('Where calls have to come from; from anywhere without it.'),
  preference: z.int().min(0).max(100).default(0).describe('Of peers that match alike the smallest is tried first.'),
  called: rewriting.prefault({}).describe('What is done to the called number.'),
  calling: rewriting.prefault({}).describe('What is done to the number of the caller.'),
  overlap: z
    .boolean()
    .default(false)
    .describe(
      'Begins the call as soon as a number matches, and sends the digits that follow after it (overlap sending).',
    ),
  tones: z
    .enum(['signalled', 'in-band'])
    .default('signalled')
    .describe(
      'Who makes the tones that tell the caller how it goes: his own side by what is signalled, or this gateway in the audio.',
    ),
});

export const gatewaySchema = z
  .strictObject({
    name: z.string().min(1).max(64).default('gateway').describe('What records and displays call this gateway.'),
    h323: h323.prefault({}).describe('The side of the call managers.'),
    ipsec: ipsec
      .optional()
      .describe(
        'IPsec to the call managers, which initiate it. Without it nothing is proven, so no key is sent or taken.',
      ),
    media: z
      .strictObject({
        address: z
          .string()
          .min(1)
          .default('127.0.0.1')
          .describe(
            'Address at which RTP and SRTP are received. It may be another one than that of signalling, and with IPsec in user space it has to be.',
          ),
      })
      .prefault({})
      .describe('Audio over IP.'),
    ports: z.array(port).default([]).describe('Ports towards the public network and telephones.'),
    trunks: z.array(trunk).default([]).describe('Carriers that are reached by SIP.'),
    dialPeers: z.array(dialPeer).default([]).describe('Where calls go, by their number.'),
    interDigitSeconds: z.int().min(1).max(60).default(4).describe('How long another digit is waited for.'),
    country: z.enum(toneCountries).default('DE').describe('Whose call-progress tones are played.'),
  })
  .superRefine(checkNames);

export type GatewayConfiguration = z.infer<typeof gatewaySchema>;

interface Named {
  readonly name: string;
}

/** Names are unique in their kind, and what a dial peer names is there. */
function checkNames(
  value: {
    readonly h323: { readonly callManagers: readonly Named[] };
    readonly ports: readonly Named[];
    readonly trunks: readonly (Named & {
      readonly certificate?: string | undefined;
      readonly key?: string | undefined;
    })[];
    readonly dialPeers: readonly (Named & {
      readonly to: z.infer<typeof side>;
      readonly from: readonly z.infer<typeof side>[];
    })[];
  },
  context: z.RefinementCtx,
): void {
  const kinds = [
    { path: ['h323', 'callManagers'], of: value.h323.callManagers },
    { path: ['ports'], of: value.ports },
    { path: ['trunks'], of: value.trunks },
    { path: ['dialPeers'], of: value.dialPeers },
  ];
  for (const { path, of } of kinds) {
    for (const [index, { name }] of of.entries()) {
      if (of.findIndex((one) => one.name === name) === index) continue;
      context.addIssue({ code: 'custom', path: [...path, index, 'name'], message: 'The name is taken already' });
    }
  }
  const known = { h323: value.h323.callManagers, port: value.ports, trunk: value.trunks };
  for (const [index, { to, from }] of value.dialPeers.entries()) {
    const named = [{ path: ['to'], one: to }, ...from.map((one, at) => ({ path: ['from', at], one }))];
    for (const { path, one } of named) {
      for (const kind of ['h323', 'port', 'trunk'] as const) {
        if (one[kind] === undefined || known[kind].some(({ name }) => name === one[kind])) continue;
        const message = `There is no ${kind === 'h323' ? 'call manager' : kind} of this name`;
        context.addIssue({ code: 'custom', path: ['dialPeers', index, ...path, kind], message });
      }
    }
  }
  for (const [index, { certificate, key }] of value.trunks.entries()) {
    if ((certificate === undefined) === (key === undefined)) continue;
    const missing = certificate === undefined ? 'certificate' : 'key';
    context.addIssue({ code: 'custom', path: ['trunks', index, missing], message: 'Certificate and key go together' });
  }
}
