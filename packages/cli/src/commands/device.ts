import { readFileSync } from 'node:fs';
import type { AddDeviceRequest, CredentialsAnswer, DeviceAnswer } from '@trustline/manager';
import type { ManagerClient } from '@trustline/manager/node';
import { type Command, Option } from 'commander';
import { clientOf } from '../options.ts';
import { json, type Terminal, table } from '../terminal.ts';
import { baresipObstacle, files } from './baresip.ts';
import { credentialFiles, writeCredentials } from './credentials-folder.ts';
import { gatekeeperState, shortTime } from './gatekeeper-state.ts';
import type { PhoneProtocol } from './phone-protocol.ts';
import { addFolderOptions, type FolderOptions, refuseFilesThere } from './secret-files.ts';

interface AddOptions {
  readonly line: readonly string[];
  readonly security: AddDeviceRequest['securityMode'];
  readonly kind: 'phone' | 'trunk' | 'gateway';
  readonly protocol: PhoneProtocol;
  readonly displayName?: string;
  readonly description?: string;
  readonly json?: true;
}

interface PinOptions {
  readonly chain: string;
  readonly roots: string;
}

export function addDeviceCommands(program: Command, terminal: Terminal): void {
  const device = program.command('device').description('phones, trunks and gateways');
  const collect = (value: string, before: readonly string[]) => [...before, value];

  device
    .command('add <name>')
    .description('add a phone (SEP and the 12 digits of its MAC address), a trunk or a gateway')
    .option('--line <number>', 'a directory number on it; may be repeated', collect, [])
    .addOption(
      new Option('--security <mode>', 'what it may use: nothing, TLS, or TLS and SRTP')
        .choices(['non-secure', 'authenticated', 'encrypted'])
        .default('encrypted'),
    )
    .addOption(new Option('--kind <kind>', 'what it is').choices(['phone', 'trunk', 'gateway']).default('phone'))
    .addOption(
      new Option('--protocol <name>', 'what it speaks, and registers by alone: sip, or sccp (Skinny)')
        .choices(['sip', 'sccp'])
        .default('sip'),
    )
    .option('--display-name <name>', 'shown to who is called from its lines')
    .option('--description <text>', 'for people')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
A phone is told in its configuration what to speak, and is registered by no other protocol. Without TLS Skinny proves
nothing: whoever reaches that listener may be any non-secure device that was added with --protocol sccp.

Every device has a digest password. That of a non-secure one is shown once; a secure phone finds its own in its
encrypted configuration, should the cluster leave mixed mode.

Examples:
  trustline device add SEP001122334455 --line 1001 --security encrypted
  trustline device add SEP001122334456 --line 1002 --security non-secure
  trustline device add SEP001122334457 --line 1003 --protocol sccp`,
    )
    .action((name: string, options: AddOptions, command: Command) => add(name, options, command, terminal));

  device
    .command('remove <name>')
    .description('remove a device; its calls end and its certificates are no longer believed')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  trustline device remove SEP001122334455')
    .action(async (name: string, options: { readonly json?: true }, command: Command) => {
      const answer = await clientOf(command, terminal).removeDevice(name);
      terminal.out(options.json ? json(answer) : `${name} was removed.\n`);
    });

  device
    .command('reset [names...]')
    .description('tell phones to boot again, once they have no call: they fetch their trust lists and configuration')
    .option('--behind', 'all that are registered and have not taken the lists that are published for them')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExamples:\n  trustline device reset SEP001122334455\n  trustline device reset --behind')
    .action(
      async (given: readonly string[], options: { readonly behind?: true; readonly json?: true }, command: Command) => {
        const client = clientOf(command, terminal);
        const { told, away } = options.behind ? await phonesBehind(client) : { told: given, away: [] };
        for (const name of told) await client.resetDevice(name);
        if (options.json) return terminal.out(json({ reset: told, away }));
        if (told.length > 0) terminal.out(`Told to boot again: ${told.join(', ')}\n`);
        if (away.length > 0) {
          terminal.out(`Behind and not connected, so not told: ${away.join(', ')}\n`);
          terminal.out('  next: They fetch their lists when they start: switch them off and on.\n');
        }
        if (told.length + away.length === 0) {
          terminal.out(options.behind ? 'No phone is behind.\n' : 'No phone was told: name one, or give --behind.\n');
        }
      },
    );

  const credentials = device
    .command('credentials <name>')
    .description('make certificate, key and trust bundle for a phone we did not write, and a configuration of baresip');
  addFolderOptions(credentials, 'they')
    .addHelpText(
      'after',
      `
Writes ${Object.values(files).join(', ')}, and config and accounts for baresip; for a device that speaks
Skinny (SCCP), accounts for \`trustline phone\` alone.
Refuses a folder that holds one of them already, unless --force is given.

Example:
  trustline device credentials SEP001122334455 --out phone-1001
  baresip -f phone-1001`,
    )
    .action(async (name: string, options: FolderOptions, command: Command) => {
      refuseFilesThere(options, credentialFiles);
      printCredentials(await clientOf(command, terminal).deviceCredentials(name), options, terminal);
    });

  device
    .command('pin <name>')
    .description('believe a certificate of an outside authority for this device and no other')
    .addHelpText('after', '\nExample:\n  trustline device pin SEP001122334455 --chain phone.pem --roots root.pem')
    .requiredOption('--chain <file>', 'the device’s certificate, then its intermediate issuers (PEM)')
    .requiredOption('--roots <file>', 'the root certificates of its authority (PEM)')
    .action(async (name: string, options: PinOptions, command: Command) => {
      const chain = readFileSync(options.chain, 'utf8');
      const roots = readFileSync(options.roots, 'utf8');
      const pinned = await clientOf(command, terminal).pinDevice(name, chain, roots);
      terminal.out(`${name} may prove itself by ${pinned.subject} of ${pinned.issuer}.\n`);
    });

  for (const list of [device.command('list'), program.command('devices')]) {
    list
      .description('every device with its lines and whether it is registered')
      .addHelpText('after', '\nExample:\n  trustline devices --json')
      .option('--json', 'as JSON')
      .action(async (options: { readonly json?: true }, command: Command) => {
        const answer = await clientOf(command, terminal).devices();
        if (options.json) return terminal.out(json(answer));
        terminal.out(answer.devices.length === 0 ? 'There is no device yet.\n' : deviceTable(answer.devices));
      });
  }
}

/** Phones that have not taken the lists published for them: those that can be told, and those that cannot. */
async function phonesBehind(client: ManagerClient) {
  const [{ phones }, { devices }] = [await client.trust(), await client.devices()];
  const connected = new Set(
    devices.flatMap(({ name, registrations }) => (registrations.some((one) => one.remoteAddress) ? [name] : [])),
  );
  const behind = phones.filter(({ state }) => state === 'behind').map(({ device }) => device);
  return { told: behind.filter((name) => connected.has(name)), away: behind.filter((name) => !connected.has(name)) };
}

async function add(name: string, options: AddOptions, command: Command, terminal: Terminal): Promise<void> {
  const { displayName, description } = options;
  const answer = await clientOf(command, terminal).addDevice({
    name,
    kind: options.kind,
    securityMode: options.security,
    protocol: options.protocol,
    lines: options.line.map((number) => (displayName === undefined ? { number } : { number, displayName })),
    ...(description === undefined ? {} : { description }),
  });
  if (options.json) return terminal.out(json(answer));
  const lines = options.line.length === 0 ? '' : ` with line ${options.line.join(', ')}`;
  const speaks = options.protocol === 'sccp' ? ', and speaks Skinny' : '';
  terminal.out(`${name} was added as ${options.security}${lines}${speaks}.\n`);
  if (answer.password === null || options.protocol === 'sccp') return;
  terminal.out(
    `Digest user ${name}, password ${answer.password} (shown once; make another with device credentials).\n`,
  );
}

function printCredentials(credentials: CredentialsAnswer, options: FolderOptions, terminal: Terminal): void {
  const folder = writeCredentials(credentials, options);
  const { proof, device, server } = credentials;
  terminal.out(`Credentials of ${device.name} are in ${folder} (readable by you alone).\n`);
  terminal.out(`It registers at ${server.host}:${server.port} by ${server.transport}.\n`);
  if (proof.kind === 'certificate') {
    terminal.out(`Password of ${files.pkcs12}: ${proof.pkcs12Password} (shown once)\n`);
  } else if (proof.kind === 'none') {
    terminal.out('Nothing proves who it is: without TLS Skinny knows no password.\n');
  } else {
    terminal.out(`Its new digest password is in accounts; the earlier one no longer holds.\n`);
  }
  if (device.kind !== 'phone') return; // without lines its accounts are empty: baresip could not be it
  if (device.protocol === 'sccp') {
    terminal.out(`  next: trustline phone run --credentials ${options.out}\n`);
    return;
  }
  terminal.out(baresipObstacle(credentials) ?? `With baresip: baresip -f ${options.out}\n`);
}

/** A phone that lost its connection is registered until its time is over, and not reached before it comes back. */
function whereRegistered({ transport, remoteAddress }: DeviceAnswer['registrations'][number]): string {
  return remoteAddress === '' ? `${transport}, not connected` : `${transport} ${remoteAddress}`;
}

/** Of a trunk or gateway: its best connection, its channels, and since when calls try others first. */
function howTrunkIs({
  connections,
  channels,
  inUse,
  setAside,
  isUnproven,
  gatekeeper,
}: NonNullable<DeviceAnswer['trunk']>): string {
  const [best] = connections;
  const others = connections.length > 1 ? ` and ${connections.length - 1} more` : '';
  const where = best === undefined ? 'not connected' : `${best.transport} ${best.remoteAddress}${others}`;
  const load = channels === null ? `${inUse} calls` : `${inUse} of ${channels} channels`;
  const aside = setAside === null ? [] : [`set aside since ${shortTime(setAside.since)}: ${setAside.cause}`];
  const keeper = gatekeeper === null || gatekeeper.state === 'registered' ? [] : [gatekeeperState(gatekeeper)];
  const proof = isUnproven === true ? ['IPsec not proven (trustline ipsec explain)'] : [];
  return [where, ...proof, ...(channels === null && inUse === 0 ? [] : [load]), ...aside, ...keeper].join(', ');
}

function whereIs({ trunk, registrations }: DeviceAnswer): string {
  return trunk === null ? registrations.map(whereRegistered).join(', ') || '-' : howTrunkIs(trunk);
}

function deviceTable(devices: readonly DeviceAnswer[]): string {
  const rows = devices.map((device) => [
    device.name,
    device.kind,
    device.securityMode,
    device.protocol,
    device.lines.map(({ number }) => number).join(', '),
    whereIs(device),
    device.description,
  ]);
  return table(['DEVICE', 'KIND', 'SECURITY', 'PROTOCOL', 'LINES', 'REGISTERED', 'DESCRIPTION'], rows);
}
