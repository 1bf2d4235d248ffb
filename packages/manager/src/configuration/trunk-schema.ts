/** Trunks and gateways in `trustline.yaml`: where they are, what they know the manager by, and how calls are shared among them. */
import { parseSipUri, type SipUri } from '@trustline/sip';
import { z } from 'zod';

/** What is done about calls that go where protection ends. */
export const leavingProtection = z.enum(['allow', 'refuse', 'announce']);

const trunkCredentials = z
  .strictObject({
    username: z.string().min(1).describe('User name of the account.'),
    passwordFile: z
      .string()
      .min(1)
      .optional()
      .describe('File (mode 0600) whose first line is the password, relative to this document.'),
    passwordVariable: z
      .string()
      .regex(/^(?!TRUSTLINE_)[A-Za-z_][A-Za-z0-9_]*$/, 'the name of a variable, not one of TRUSTLINE_…')
      .optional()
      .describe('Variable of the environment that holds the password, in place of a file.'),
    md5: z.boolean().default(false).describe('Answers challenges for MD5 too, which SHA-256 has replaced (RFC 8760).'),
    clear: z
      .boolean()
      .default(false)
      .describe(
        'Answers challenges without TLS too, and believes what comes over the TCP connection to it: whoever is between may ' +
          'guess the password and call in its name. An event says so at every start.',
      ),
  })
  .refine(
    ({ passwordFile, passwordVariable }) => (passwordFile === undefined) !== (passwordVariable === undefined),
    'either passwordFile or passwordVariable is wanted',
  );

const trunkRegistration = z.strictObject({
  addressOfRecord: z
    .string()
    .refine((text) => parseSipUri(text)?.user !== undefined, 'an address with a number is written sip:number@name')
    .optional()
    .describe('What is registered: `sip:49301234@carrier.example.com`; by default the user name at the trunk’s name.'),
  seconds: z.int().min(60).max(86_400).default(3_600).describe('How long a registration is asked for.'),
});

export const trunk = z.strictObject({
  device: z.string().min(1).describe('Name of the trunk or gateway, as it was added.'),
  address: z
    .string()
    .refine((text) => parseSipUri(text) !== undefined, 'a SIP address is written sip:name or sips:name')
    .optional()
    .describe(
      'Where it is: `sip:carrier.example.com`, `sips:…`, with `;transport=tcp` or a port where they matter. Servers are found by NAPTR and SRV records ' +
        '(RFC 3263), and calls go to the next one where one is not there or says 503. By TLS it has to show the certificate of the device. One without connects itself.',
    ),
  channels: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe(
      'Calls that it bears at once, both ways: a row of the dial plan passes over one that is full, but for a call for help. Not counted unless given.',
    ),
  leavingProtection: leavingProtection
    .default('allow')
    .describe(
      'What is done about calls that go out by it, beyond which nobody knows how they are protected: `allow`; `refuse`; or `announce`: the caller hears ' +
        '`media.announcementFile` before the call goes on. Calls for help always go.',
    ),
  identifiedBy: z
    .enum(['password', 'address'])
    .default('password')
    .describe(
      'How a trunk without TLS proves that a call is its own: `password` by a digest of its device; `address`: whatever comes by UDP or TCP ' +
        'from a server that `address` leads to is believed, as carriers without passwords expect. Whoever can send from there calls in its name, ' +
        'and by UDP that may be anybody whom the network before the manager does not keep from it. An event says so at every start.',
    ),
  credentials: trunkCredentials
    .optional()
    .describe('Answers to its challenges (401, 407). Without them what it challenges is refused.'),
  registration: trunkRegistration
    .optional()
    .describe('Registers the manager there, so that its calls come down our connection. Off unless given.'),
});

export const routes = z.strictObject({
  silentSeconds: z
    .number()
    .min(0.5)
    .max(30)
    .default(1.5)
    .describe(
      'A trunk or gateway that has said nothing to a call for so long, not even that it works on it, is passed over for the next one, and set aside. ' +
        'The last that is left is waited for.',
    ),
  probeSeconds: z
    .int()
    .min(1)
    .max(3_600)
    .default(5)
    .describe(
      'A trunk or gateway that is set aside is asked after so long whether it takes calls; twice as long each time.',
    ),
  probeMostSeconds: z.int().min(1).max(3_600).default(120).describe('The longest pause between two such questions.'),
});

interface Trunks {
  readonly trunks: readonly z.output<typeof trunk>[];
  readonly dialPlan: readonly {
    readonly to: string;
    readonly devices?: readonly string[];
    readonly order?: string;
    readonly leavingProtection?: string | undefined;
  }[];
  readonly media: { readonly relay: string };
  readonly listeners: readonly { readonly transport: string }[];
}

/** What cannot be meant: it would be found out only by whoever calls. */
export function checkTrunks({ trunks, dialPlan, listeners, media }: Trunks, context: z.RefinementCtx): void {
  for (const [name, rows] of Object.entries({ trunks, dialPlan })) {
    for (const [at, row] of rows.entries()) {
      if (row.leavingProtection !== 'announce' || media.relay !== 'never') continue;
      const message = 'the media relay announces, and media.relay is never';
      context.addIssue({ code: 'custom', path: [name, at, 'leavingProtection'], message });
    }
  }
  // Those of H.323 gateways stand with the gateway.
  const without = new Set(trunks.flatMap(({ device, channels }) => (channels === undefined ? [device] : [])));
  for (const [at, { devices = [], order }] of dialPlan.entries()) {
    const uncounted = order === 'by-load' ? devices.filter((name) => without.has(name)) : [];
    if (uncounted.length === 0) continue;
    const message = `by load is by the part of its channels that each has in use: give trunks[].channels of ${uncounted.join(', ')}`;
    context.addIssue({ code: 'custom', path: ['dialPlan', at, 'order'], message });
  }
  for (const [at, { address, credentials, registration, identifiedBy }] of trunks.entries()) {
    const uri = address === undefined ? undefined : parseSipUri(address);
    if (uri === undefined) {
      if (credentials === undefined && registration === undefined && identifiedBy === 'password') continue;
      const message =
        'credentials, registration and identifiedBy are of a trunk that the manager connects to: give its address';
      context.addIssue({ code: 'custom', path: ['trunks', at, 'device'], message });
      continue;
    }
    if (!isByUdp(uri) || listeners.some(({ transport }) => transport === 'udp')) continue;
    const message =
      'datagrams to it go out by a listener, and none is for udp: add { transport: udp, port: 5060 } to listeners';
    context.addIssue({ code: 'custom', path: ['trunks', at, 'address'], message });
  }
}

/** Of a name alone DNS decides; an address or a port without a transport is UDP (RFC 3263 §4.1). */
function isByUdp({ secure, host, port, parameters }: SipUri): boolean {
  const wanted = parameters.find(({ name }) => name.toLowerCase() === 'transport')?.value?.toLowerCase();
  if (wanted !== undefined) return wanted === 'udp';
  return !secure && (port !== undefined || /^[\d.]+$|:/.test(host));
}
