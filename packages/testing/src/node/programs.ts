import { spawnSync } from 'node:child_process';

/** Programs we did not write, and how to see that they are there. `scripts/install-peers.sh` installs them. */
const probes = {
  baresip: ['baresip', '-h'],
  sipp: ['sipp', '-v'],
  twinkle: ['twinkle-console', ''],
  sipsak: ['sipsak', '--version'],
  sipvicious: ['svmap', '--version'],
  jami: ['/usr/libexec/jamid', '--version'],
  linphone: ['linphonec', '-v'],
  openssl: ['openssl', 'version'],
  tshark: ['tshark', '--version'],
  dumpcap: ['dumpcap', '--version'],
  kamailio: ['/usr/sbin/kamailio', '-v'],
  ffmpeg: ['ffmpeg', '-version'],
  sox: ['sox', '--version'],
  minimodem: ['minimodem', '--version'],
  'multimon-ng': ['multimon-ng', '-h'],
  gcc: ['gcc', '--version'],
  softhsm2: ['softhsm2-util', '--version'],
  script: ['script', '--version'],
  'pkcs11-tool': ['pkcs11-tool', '--version'],
  tftp: ['tftp', '-V'],
  atftp: ['atftp', '--version'],
  atftpd: ['/usr/sbin/atftpd', '--version'], // not in the path of everybody
  curl: ['curl', '--version'],
  xmllint: ['xmllint', '--version'],
  rsyslogd: ['/usr/sbin/rsyslogd', '-v'],
  'systemd-analyze': ['systemd-analyze', '--version'],
  chromium: ['chromium', '--version'],
  // Named with its path: another Python of the machine does not have it.
  scapy: ['/usr/bin/scapy3', '-h'],
  dnsmasq: ['/usr/sbin/dnsmasq', '--version'],
} as const;

export type ForeignProgram = keyof typeof probes;

/**
 * Which of these programs are missing, as the reason to skip a test. Under CI (`CI=true`) a missing
 * peer is an error, never a skip: a test that did not run has proven nothing.
 *
 * @example describe.skipIf(missingPrograms('baresip'))('baresip …', …)
 */
export function missingPrograms(...names: readonly ForeignProgram[]): string | false {
  const missing = names.filter((name) => {
    const [command, ...args] = probes[name];
    return spawnSync(command, args, { stdio: 'ignore' }).error !== undefined;
  });
  if (missing.length === 0) return false;
  const sentence = `${missing.join(' and ')} is not installed: run scripts/install-peers.sh`;
  if (process.env['CI'] === 'true') throw new Error(sentence);
  process.stderr.write(`skipped: ${sentence}\n`);
  return sentence;
}
