import { DemoFolder } from '../folder.ts';
import { clip, failure, figures, filesLeft, PAGE_WIDTH, type Style } from '../page.ts';
import { phonePlans } from '../plan.ts';
import type { Check } from '../verdict.ts';
import type { GatewayMeasurement } from './measurement.ts';
import { gatewayPlan } from './plan.ts';

const titles: Readonly<Record<GatewayMeasurement['scene'], string>> = {
  protected: 'a call to the public network, encrypted up to the gateway',
  withheld: 'a call to the public network, REFUSED since IPsec is not proven',
  clear: 'a call to the public network in the CLEAR, which is allowed',
};

/** The page that people read: at most {@link PAGE_WIDTH} columns. */
export function gatewayPageOf(measurement: GatewayMeasurement, checks: readonly Check[], style: Style): string {
  const { version, scene, startedAt, seconds } = measurement;
  return [
    '',
    style.bold(`Trustline ${version} demo: ${titles[scene]}`),
    `Every figure was measured in this run: ${startedAt.slice(0, 19).replace('T', ' ')} UTC, ${seconds.toFixed(1)} s.`,
    '',
    ...picture(measurement),
    ...proof(measurement, style),
    ...call(measurement, style),
    ...figures(checks, style, ['']),
    ...filesLeft(measurement.folder, files(measurement), style),
    ...verdict(measurement, checks, style),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function picture({ scene, protocol, suite }: GatewayMeasurement): string[] {
  const { name, port } = gatewayPlan;
  const phone = `${phonePlans.caller.line} ${phonePlans.caller.displayName}`;
  const between = {
    protected: '<== IPsec ==>',
    withheld: '--- no IPsec ---',
    clear: '<-- H.323, clear -->',
  }[scene];
  const signalling = `<-- TLS, ${protocol === 'sip' ? 'SIP' : 'Skinny'} --> call manager ${between}`;
  const top = `    ${phone} ${signalling} ${name} <-- E1 ${port} --> simulated network`;
  const media = { protected: `SRTP, ${suite ?? 'no suite'}`, withheld: 'no media', clear: 'RTP in the clear' }[scene];
  const width = top.indexOf(name) - 8;
  const dashes = Math.max(2, width - media.length - 4);
  const half = Math.floor(dashes / 2);
  return [top, scene === 'withheld' ? '' : `        +${'-'.repeat(half)} ${media} ${'-'.repeat(dashes - half)}+`, ''];
}

function proof({ proof: points, scene }: GatewayMeasurement, { bold, good, bad, dim }: Style): string[] {
  if (scene !== 'protected') {
    return [
      bold('How the signalling to the gateway is protected'),
      '    IPsec is not there: it needs root and strongSwan. No key is given to the gateway or taken from it.',
      '',
    ];
  }
  const mark = (holds: boolean | null) => (holds === null ? dim('?   ') : holds ? good('ok  ') : bad('NO  '));
  return [
    bold('How the signalling to the gateway is protected'),
    ...points.map(({ holds, message }) => `${mark(holds)}${clip(message, PAGE_WIDTH - 4)}`),
    dim('    What is marked ? was measured in the call itself, before a key left.'),
    '',
  ];
}

function call({ answered, reason, levelShown, demarcation, gatewayDemarcation }: GatewayMeasurement, { bold }: Style) {
  const lines = answered
    ? [
        `the phone showed ${levelShown ?? 'nothing'}`,
        `the signed record says: ${demarcation ?? 'nothing'}`,
        `the gateway says: ${gatewayDemarcation ?? 'nothing'}`,
      ]
    : [`the phone was told: ${reason}`];
  return [bold('Where security ends'), ...lines.map((line) => clip(`    ${line}`, PAGE_WIDTH)), ''];
}

function files({ scene, packets, wire }: GatewayMeasurement) {
  const folder = new DemoFolder('');
  const records = { name: folder.records, what: 'the records: trustline records verify FILE' };
  if (scene === 'withheld') return [records];
  return [
    { name: folder.capture, what: `${packets} packets at the sockets of the phone; Wireshark opens it` },
    ...(wire === null ? [] : [{ name: 'wire.pcapng', what: 'what was on the wire between manager and gateway' }]),
    { name: folder.said('caller'), what: `what ${phonePlans.caller.line} said` },
    { name: folder.tapped('caller'), what: 'the same as a tap on its way to the gateway heard it' },
    { name: folder.heard('caller'), what: 'what came back from the public network' },
    { name: folder.page, what: 'the auditor’s report: open it in a browser' },
    records,
  ];
}

function verdict({ scene }: GatewayMeasurement, checks: readonly Check[], style: Style): string[] {
  const failed = failure(checks, style);
  if (failed.length > 0) return failed;
  const count = `all ${checks.length} checks hold`;
  const { good } = style;
  switch (scene) {
    case 'protected':
      return [good(`PASSED: ${count}. Up to the gateway nobody hears this call; beyond it is the public network.`), ''];
    case 'withheld':
      return [
        good(`PASSED: ${count}. Without a proof of IPsec no key left, and the call that needs one was refused.`),
        good('Run it as root to see the whole call, or with --allow-clear to see what a tap hears of a clear one.'),
        '',
      ];
    case 'clear':
      return [
        good(`As expected, ${count}: the call was shown as non-secure, and a tap hears every word of it.`),
        good('No key was on the wire. Run it as root to see it encrypted up to the gateway.'),
        '',
      ];
  }
}
