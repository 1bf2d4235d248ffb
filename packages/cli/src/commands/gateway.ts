import type { GatewayAnswer, GatewayRequest, GatewayShownAnswer } from '@trustline/manager';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { clientOf } from '../options.ts';
import { json, type Terminal, table } from '../terminal.ts';
import { gatekeeperState, shortTime } from './gatekeeper-state.ts';
import { ciscoConfiguration, gatewayDocument } from './gateway-paste.ts';

interface AddOptions {
  readonly address: readonly string[];
  readonly port?: number;
  readonly mediaAddress?: string;
  readonly localAddress?: string;
  readonly policy?: GatewayRequest['policy'];
  readonly keyReading?: GatewayRequest['keyReading'];
  readonly keyForm?: GatewayRequest['keyForm'];
  readonly channels?: number;
  readonly codec: readonly string[];
  readonly suite: readonly string[];
  readonly tunnelling: boolean;
  readonly ipsec: boolean;
  readonly fastStart?: true;
  readonly legacy?: true;
  readonly preSharedKeyFile?: string;
  readonly gatekeeper?: Authority;
  readonly gatekeeperAlias?: string;
  readonly gatekeeperId?: string;
  readonly gatekeeperPrefix: readonly string[];
  readonly description?: string;
  readonly json?: true;
}

const codecs = ['g711Ulaw64k', 'g711Alaw64k', 'g722-64k', 'g729', 'g729AnnexA'];
const suites = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'];

/** H.323 gateways of the manager; what runs a gateway of our own is in the same group. */
export function addGatewayCommands(program: Command, terminal: Terminal): void {
  const known = program.commands.find((command) => command.name() === 'gateway');
  const gateway = known ?? program.command('gateway').description('voice gateways');
  const collect = (value: string, before: readonly string[]) => [...before, value];

  gateway
    .command('add <name>')
    .description('add an H.323 gateway, and say what to enter at it')
    .requiredOption(
      '--address <address>',
      'where its call signalling comes from and goes to; may be repeated',
      collect,
      [],
    )
    .option('--port <port>', 'where it listens for call signalling (default: 1720)', wholeNumber)
    .option('--media-address <address>', 'where its media are, if elsewhere than its signalling')
    .option('--local-address <address>', 'our address towards it, if this machine has several')
    .addOption(
      new Option(
        '--policy <policy>',
        'whether its calls are encrypted: always, where it is proven, or never (default: require)',
      ).choices(['require', 'prefer', 'forbid']),
    )
    .option('--no-ipsec', 'its signalling goes without IPsec: no key is given to it or taken from it')
    .addOption(
      new Option(
        '--legacy',
        'IPsec of 2013: IKEv1 with AES-128, SHA-1 and group 2, for this gateway alone; it is weak, and shown so',
      ).conflicts('ipsec'),
    )
    .option(
      '--pre-shared-key-file <path>',
      'with --legacy, in place of certificates: a file (mode 0600) on the machine of the manager whose first line is the key',
    )
    .addOption(
      new Option(
        '--key-reading <reading>',
        'whose key protects media: of who sends, of who receives, or what the first call shows (default: sender)',
      ).choices(['sender', 'receiver', 'auto']),
    )
    .addOption(
      new Option(
        '--key-form <form>',
        'how keys stand in H.235.8: alone, or as the Recommendation has it (default: direct)',
      ).choices(['direct', 'genericKeyMaterial']),
    )
    .option(
      '--no-tunnelling',
      'H.245 on connections of its own, as Cisco IOS has it where `h245 tunnel disable` stands',
    )
    .option('--fast-start', 'fast connect for calls that may be clear; it carries no keys')
    .option(
      '--gatekeeper <address>',
      'it is behind this gatekeeper, which admits each call and says to which of its addresses (default port: 1719)',
      authority,
    )
    .option('--gatekeeper-alias <name>', 'what the manager is registered as (default: its own name)')
    .option('--gatekeeper-id <zone>', 'which zone of the gatekeeper')
    .option('--gatekeeper-prefix <digits>', 'beginnings of numbers that are ours; may be repeated', collect, [])
    .option('--channels <number>', 'calls at once, both ways (default: 30)', wholeNumber)
    .addOption(
      new Option('--codec <codec>', 'what it may speak, the most wanted first; may be repeated')
        .choices(codecs)
        .argParser(collect)
        .default([]),
    )
    .addOption(
      new Option('--suite <suite>', 'crypto suites, the most wanted first; may be repeated')
        .choices(suites)
        .argParser(collect)
        .default([]),
    )
    .option('--description <text>', 'for people')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
The keys of its media travel in its signalling. Under \`require\` no call passes unless IPsec to it is proven for that very
connection; under \`prefer\` a call without that proof is clear, and shown so.

Examples:
  trustline gateway add gw1 --address 192.0.2.10 --media-address 192.0.2.11
  trustline gateway add gw2 --address 192.0.2.20 --no-tunnelling --channels 23 --codec g711Ulaw64k
  trustline gateway add gw3 --address 192.0.2.40 --gatekeeper 192.0.2.5 --gatekeeper-prefix 20
  trustline gateway add old --address 192.0.2.50 --legacy --pre-shared-key-file /etc/trustline/old.key
  trustline gateway add lab --address 192.0.2.30 --policy prefer --no-ipsec`,
    )
    .action(async (name: string, options: AddOptions, command: Command) => {
      const { gatekeeper, gatekeeperAlias, gatekeeperId, gatekeeperPrefix } = options;
      if (gatekeeper === undefined && (gatekeeperAlias ?? gatekeeperId ?? gatekeeperPrefix[0]) !== undefined) {
        command.error("error: which gatekeeper that is for has to be said by option '--gatekeeper <address>'");
      }
      const shown = await clientOf(command, terminal).addGateway(requestOf(name, options));
      if (options.json) return terminal.out(json(shown));
      terminal.out(`${name} was added.\n\n${description(shown)}`);
    });

  gateway
    .command('show <name>')
    .description('how a gateway is set, and what to enter at it')
    .addOption(
      new Option(
        '--for <gateway>',
        'only what to enter at it: the words of Cisco IOS, or the document of a gateway of ours',
      )
        .choices(['cisco', 'trustline'])
        .conflicts('json'),
    )
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  trustline gateway show gw1 --for trustline > gateway.yaml')
    .action(async (name: string, options: { readonly json?: true; readonly for?: string }, command: Command) => {
      const shown = await clientOf(command, terminal).gateway(name);
      if (options.json) terminal.out(json(shown));
      else if (options.for === 'cisco') terminal.out(ciscoConfiguration(shown));
      else terminal.out(options.for === 'trustline' ? gatewayDocument(shown) : description(shown));
    });

  gateway
    .command('list')
    .description('every H.323 gateway with its settings and its channels')
    .addHelpText('after', '\nExample:\n  trustline gateway list --json')
    .option('--json', 'as JSON')
    .action(async (options: { readonly json?: true }, command: Command) => {
      const answer = await clientOf(command, terminal).gateways();
      if (options.json) return terminal.out(json(answer));
      terminal.out(answer.gateways.length === 0 ? 'There is no gateway yet.\n' : gatewayTable(answer.gateways));
    });

  gateway
    .command('remove <name>')
    .description('remove a gateway: its calls end')
    .addHelpText('after', '\nExample:\n  trustline gateway remove gw1')
    .action(async (name: string, _: unknown, command: Command) => {
      const client = clientOf(command, terminal);
      await client.gateway(name);
      await client.removeDevice(name);
      terminal.out(`${name} was removed.\n`);
    });
}

function requestOf(name: string, options: AddOptions): GatewayRequest {
  const { address, codec, suite, ipsec, tunnelling, fastStart, legacy, json: _, ...rest } = options;
  const { gatekeeper, gatekeeperAlias, gatekeeperId, gatekeeperPrefix, ...given } = rest;
  return {
    ...given,
    ...(gatekeeper === undefined
      ? {}
      : {
          gatekeeper: {
            ...gatekeeper,
            ...(gatekeeperAlias === undefined ? {} : { alias: gatekeeperAlias }),
            ...(gatekeeperId === undefined ? {} : { identifier: gatekeeperId }),
            prefixes: gatekeeperPrefix,
          },
        }),
    name,
    addresses: address,
    protection: ipsec ? 'ipsec' : 'none',
    tunnelling,
    ...(fastStart === true ? { fastStart } : {}),
    ...(legacy === true ? { ipsecProfile: 'legacy' } : {}),
    ...(codec.length === 0 ? {} : { codecs: codec as NonNullable<GatewayRequest['codecs']> }),
    ...(suite.length === 0 ? {} : { suites: suite as NonNullable<GatewayRequest['suites']> }),
  };
}

interface Authority {
  readonly address: string;
  readonly port?: number;
}

/** An address, with a port behind a colon if one is given; IPv6 stands in brackets then. */
function authority(text: string): Authority {
  const [, bracketed, plain, port] =
    /^(?:\[([^\]]+)\]|([^:]+|[^[\]]*:[^[\]]*:[^[\]]*?))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = bracketed ?? plain;
  if (address === undefined)
    throw new InvalidArgumentError('An address is wanted, or one with a port: 192.0.2.5:1719.');
  return { address, ...(port === undefined ? {} : { port: Number(port) }) };
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('A whole number is wanted.');
  return Number(text);
}

function description(shown: GatewayShownAnswer): string {
  const { settings, manager } = shown;
  const nothing =
    'Nothing listens for its calls: add { transport: h323 } to the listeners in trustline.yaml, and start again.\n\n';
  const ipsec =
    settings.protection === 'ipsec'
      ? `${isWeak(settings) ? 'Its tunnel is weak: let it be the standard profile as soon as the gateway speaks IKEv2.\n' : ''}Its tunnel is there with it where ipsec.enabled is set.${certificateWords(shown)}\n\n`
      : 'Its signalling is not protected: no key is given to it or taken from it.\n\n';
  return `${facts(shown)}
${manager === null ? nothing : ''}${ipsec}At a gateway of Cisco IOS (what is in capitals is yours to fill in):

${indented(ciscoConfiguration(shown))}
At a gateway of ours, the beginning of the document of \`trustline gateway run\`, which stands beside the files of its certificate:

${indented(gatewayDocument(shown))}`;
}

function facts({ settings, device }: GatewayAnswer): string {
  const rows = [
    ['addresses', settings.addresses.map((address) => `${address}, port ${settings.port}`).join('; ')],
    ['encryption', settings.policy],
    ['signalling', signallingWords(settings)],
    ['H.245', settings.tunnelling ? 'tunnelled where the gateway does so too' : 'on connections of its own'],
    ['start', settings.fastStart ? 'fast where a call may be clear' : 'slow'],
    ['keys', settings.keyReading === 'auto' ? 'to be found by a call' : `of the ${settings.keyReading}`],
    ...(settings.gatekeeper === undefined ? [] : [['gatekeeper', gatekeeperWords(settings.gatekeeper)]]),
    ...(device.trunk?.gatekeeper ? [['', gatekeeperState(device.trunk.gatekeeper)]] : []),
    ['channels', `${device.trunk?.inUse ?? 0} of ${settings.channels} in use`],
    ['codecs', settings.codecs.join(', ')],
  ];
  return rows.map(([name = '', value]) => `${name.padEnd(12)}${value}\n`).join('');
}

/** What it proves itself by, if that is not a key that both know. */
function certificateWords({ device, settings }: GatewayAnswer): string {
  if (settings.preSharedKeyFile !== undefined) return '';
  return ` Its certificate: trustline ipsec certificate ${device.name} --address ${settings.addresses[0]} --out FOLDER`;
}

function isWeak({ protection, ipsecProfile }: GatewayAnswer['settings']): boolean {
  return protection === 'ipsec' && ipsecProfile === 'legacy';
}

function signallingWords({ protection, ipsecProfile, preSharedKeyFile }: GatewayAnswer['settings']): string {
  if (protection === 'none') return 'in the clear';
  if (ipsecProfile === 'standard') return 'by IPsec, proven for each connection';
  const secret = preSharedKeyFile === undefined ? '' : ', a key that both know';
  return `by IPsec, proven for each connection; WEAK: IKEv1, AES-128, SHA-1, group 2${secret}`;
}

function gatekeeperWords({
  address,
  port,
  alias,
  identifier,
  prefixes,
}: NonNullable<GatewayAnswer['settings']['gatekeeper']>) {
  const zone = identifier === undefined ? '' : `, zone ${identifier}`;
  const numbers = prefixes.length === 0 ? '' : `, for numbers that begin with ${prefixes.join(', ')}`;
  return `${address}, port ${port}, as ${alias}${zone}${numbers}`;
}

function gatewayTable(gateways: readonly GatewayAnswer[]): string {
  const rows = gateways.map(({ device, settings }) => [
    device.name,
    settings.addresses.join(', '),
    String(settings.port),
    settings.policy,
    isWeak(settings) ? 'ipsec, weak' : settings.protection,
    settings.keyReading,
    `${device.trunk?.inUse ?? 0} of ${settings.channels}`,
    stateWords(device),
    device.description,
  ]);
  return table(
    ['GATEWAY', 'ADDRESS', 'PORT', 'ENCRYPTION', 'SIGNALLING', 'KEYS', 'CHANNELS', 'STATE', 'DESCRIPTION'],
    rows,
  );
}

/** What keeps calls from it now; that we are registered at its gatekeeper is said too. */
function stateWords({ trunk }: GatewayAnswer['device']): string {
  const aside = trunk?.setAside ? [`set aside since ${shortTime(trunk.setAside.since)}: ${trunk.setAside.cause}`] : [];
  const gatekeeper = trunk?.gatekeeper ? [gatekeeperState(trunk.gatekeeper)] : [];
  return [...gatekeeper, ...aside].join(', ');
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
