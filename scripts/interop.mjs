// The interop matrix: what programs that we did not write have shown, as the tests with them came out. `npm run interop`
// runs these tests and writes docs/interop.md; every whole run of the tests checks that it is still what they show.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './setup.mjs';

export const matrixFile = join(root, 'docs/interop.md');

/** Tests with strangers, by what they are about: the file, and who the stranger is. */
const areas = [
  [
    'Registration, calls and errors',
    ['packages/manager/src/interop/sipp.system.test.ts', 'SIPp'],
    ['packages/manager/src/interop/baresip.system.test.ts', 'two baresips'],
    ['packages/phone/src/interop/baresip.system.test.ts', 'baresip and our phone'],
    ['packages/manager/src/interop/linphone.system.test.ts', 'Linphone, baresip'],
    ['packages/manager/src/interop/twinkle.system.test.ts', 'Twinkle and SIPp'],
    ['packages/manager/src/interop/jami.system.test.ts', 'Jami and SIPp'],
    ['packages/manager/src/interop/openssl.system.test.ts', 'OpenSSL'],
    ['packages/manager/src/interop/scanners.system.test.ts', 'sipsak, SIPVicious'],
    ['packages/manager/src/interop/browser.system.test.ts', 'a SIP library in Chromium'],
  ],
  [
    'In a call',
    ['packages/manager/src/interop/sipp-offers.system.test.ts', 'SIPp'],
    ['packages/manager/src/interop/restart.system.test.ts', 'SIPp, two baresips'],
    ['packages/manager/src/interop/sipp-transfer.system.test.ts', 'SIPp'],
    ['packages/phone/src/interop/transfer.system.test.ts', 'baresip and our phone'],
    ['packages/manager/src/interop/hold-sound.system.test.ts', 'baresip and our phone'],
    ['packages/manager/src/interop/sipp-digits.system.test.ts', 'SIPp'],
    ['packages/manager/src/interop/conference.system.test.ts', 'two baresips and our phone'],
    ['packages/manager/src/interop/sipp-session-timer.system.test.ts', 'SIPp'],
    ['packages/manager/src/interop/sipp-reliable.system.test.ts', 'SIPp'],
    ['packages/manager/src/interop/sipp-secure.system.test.ts', 'SIPp'],
  ],
  [
    'Reaching people, routing, identity',
    ['packages/manager/src/interop/sipp-reaching.system.test.ts', 'SIPp'],
    ['packages/manager/src/interop/sipp-numbers.system.test.ts', 'SIPp'],
    ['packages/manager/src/interop/sipp-routing.system.test.ts', 'SIPp'],
    ['packages/manager/src/interop/sipp-identity.system.test.ts', 'SIPp'],
    ['packages/manager/src/interop/sipp-trunk.system.test.ts', 'SIPp and dnsmasq'],
    ['packages/manager/src/interop/kamailio-trunk.system.test.ts', 'Kamailio and SIPp'],
    ['packages/manager/src/interop/sipp-carriers.system.test.ts', 'SIPp'],
    ['packages/phone/src/interop/server-location.system.test.ts', 'dnsmasq and our phone'],
    ['packages/manager/src/interop/sipp-outbound.system.test.ts', 'SIPp'],
    ['packages/manager/src/interop/sipp-ipv6.system.test.ts', 'SIPp'],
  ],
  [
    'Presence, messages, call back',
    ['packages/manager/src/interop/sipp-subscriptions.system.test.ts', 'SIPp'],
    ['packages/manager/src/interop/sipp-messages.system.test.ts', 'SIPp'],
    ['packages/manager/src/interop/baresip-subscriptions.system.test.ts', 'baresip'],
    ['packages/manager/src/interop/sipp-call-back.system.test.ts', 'SIPp'],
    ['packages/phone/src/interop/call-back.system.test.ts', 'baresip and our phone'],
  ],
  [
    'Security and media',
    ['packages/manager/src/interop/baresip-policy.system.test.ts', 'two baresips'],
    ['packages/manager/src/interop/baresip-relay.system.test.ts', 'two baresips'],
    ['packages/manager/src/interop/transcoding.system.test.ts', 'eight baresips'],
    ['packages/manager/src/interop/sipp-codecs.system.test.ts', 'SIPp'],
    ['packages/phone/src/interop/media-keys.system.test.ts', 'Linphone and FFmpeg, and our phone'],
    ['packages/audit/src/interop/in-band-digits.system.test.ts', 'SoX and FFmpeg'],
    ['packages/audit/src/interop/baresip-calls.system.test.ts', 'baresip and dumpcap'],
    ['packages/manager/src/interop/sipp-capacity.system.test.ts', 'SIPp, baresip, Linphone'],
    ['packages/manager/src/interop/tshark.system.test.ts', 'tshark'],
  ],
  [
    'Skinny',
    ['packages/sccp/src/tshark.system.test.ts', 'tshark'],
    ['packages/phone/src/node/skinny/skinny-on-the-wire.system.test.ts', 'tshark'],
  ],
  [
    'H.323',
    ['packages/h323/src/tshark.system.test.ts', 'tshark'],
    ['packages/manager/src/legs/h323/gateway-tshark.system.test.ts', 'tshark'],
  ],
  [
    'The public network',
    ['packages/gateway/src/interop/sipp-carrier.system.test.ts', 'SIPp'],
    ['packages/gateway/src/interop/kamailio-carrier.system.test.ts', 'Kamailio'],
    ['packages/gateway/src/interop/baresip-carrier.system.test.ts', 'baresip'],
    ['packages/gateway/src/isdn/tshark.system.test.ts', 'tshark'],
    ['packages/gateway/src/analogue/strangers.system.test.ts', 'minimodem, multimon-ng, SoX'],
  ],
  [
    'Trust and provisioning',
    ['packages/provisioning/src/node/tftp.system.test.ts', 'tftp-hpa, atftp, curl'],
    ['packages/provisioning/src/configuration/xmllint.system.test.ts', 'xmllint'],
    ['packages/pki/src/node/openssl.system.test.ts', 'OpenSSL'],
    ['packages/pki/src/node/openssl-trust-files.system.test.ts', 'OpenSSL'],
  ],
  [
    'IPsec',
    ['packages/ipsec/src/interop/strongswan.system.test.ts', 'strongSwan, nftables, tshark'],
    ['packages/manager/src/interop/ipsec-calls.system.test.ts', 'strongSwan, nftables, tshark'],
  ],
  ['Alarms', ['packages/manager/src/interop/alarms.system.test.ts', 'rsyslog']],
];

/** SIP programs of Debian 12 that no test runs, and why. */
const notRun = [
  [
    'Jami: calls of its own, hold, TLS',
    "told to by its bus, Debian's daemon offers no media, or answers no more; with a client certificate it ends its TLS connection before it has said a word",
  ],
  ['linphone-desktop', 'needs a screen; linphonec, which is run, has the same stack'],
  ['sofia-sip-bin', 'asks OPTIONS and DNS, which sipsak and dnsmasq show'],
  ['sipgrep', 'reads what others send, as tshark does'],
  ['Asterisk, FreeSWITCH, Yate, OpenSIPS, SEMS, PJSUA', 'Debian 12 has no package of them'],
];

const heading = `# Interoperability

What programs that we did not write have shown with Trustline. Written by the tests (\`npm run interop\`) as they came out; every whole run of
the tests checks that it is still so. Each row is one test; the last column leads to it, and under \`artefacts/\` each leaves what was sent and heard.
`;

export const interopFiles = areas.flatMap(([, ...files]) => files.map(([file]) => file));

/** The matrix as Markdown, from the results of vitest. */
export function matrixOf({ testResults }) {
  const byFile = new Map(testResults.map(({ name, assertionResults }) => [relative(root, name), assertionResults]));
  const sections = areas.map(([area, ...files]) => {
    const rows = files.flatMap(([file, stranger]) => rowsOf(file, stranger, byFile.get(file) ?? []));
    return `## ${area}\n\n| with | shows | result | test |\n|---|---|---|---|\n${rows.join('')}`;
  });
  const others = notRun.map(([program, why]) => `| ${program} | ${why} |\n`).join('');
  const absent = `## SIP programs of Debian 12 that no test runs\n\n| program | why |\n|---|---|\n${others}`;
  return [heading, ...sections, absent].join('\n');
}

/** Long versions, which only the full run has, have no row. */
function rowsOf(file, stranger, tests) {
  const name = file.split('/').at(-1).replace('.system.test.ts', '');
  return tests
    .filter(({ status }) => status === 'passed' || status === 'failed')
    .map(({ ancestorTitles, title, status }) => {
      const what = [...ancestorTitles, title].join(': ').replaceAll('|', '\\|').replaceAll('<', '&lt;');
      return `| ${stranger} | ${what} | ${status === 'passed' ? 'shown' : '**not shown**'} | [${name}](../${file}) |\n`;
    });
}

export function writeMatrix(results) {
  writeFileSync(matrixFile, matrixOf(results));
}

/** Why the matrix is not what a whole run has shown; undefined where it is. */
export function outdatedMatrix(results) {
  const ran = results.testResults.map(({ name }) => relative(root, name));
  const forgotten = ran.filter((file) => /\/interop\/.*\.system\./.test(file) && !interopFiles.includes(file));
  if (forgotten.length > 0) return `scripts/interop.mjs names no area for ${forgotten.join(', ')}`;
  const written = existsSync(matrixFile) ? readFileSync(matrixFile, 'utf8') : '';
  if (written === matrixOf(results)) return undefined;
  return 'docs/interop.md is not what the tests have shown: write it with npm run interop';
}
