import type { EspStack } from './tunnel-configuration.ts';

/** The mark by which the daemon's own packets keep out of its tunnels (kernel-libipsec catches them otherwise [R]). */
export const DAEMON_MARK = '0x42';

export interface DaemonSettings {
  readonly stack: EspStack;
  /** Where the daemon listens for us, an absolute path. */
  readonly viciSocket: string;
  /** Where it writes its log, an absolute path. */
  readonly logFile: string;
}

const plugins =
  'random nonce openssl pem pkcs1 pkcs8 x509 pubkey constraints revocation kdf hmac sha1 sha2 aes gmp curve25519 drbg mgf1';

/**
 * The strongswan.conf of an instance of our own. A question is transmitted three times, and given up 1 + 1.5 + 2.25 s
 * after the first: with `dpd_delay` a peer that is gone is found within 8 s. The defaults take 165 s.
 */
export function strongswanConfiguration({ stack, viciSocket, logFile }: DaemonSettings): string {
  const kernel = stack === 'kernel-libipsec' ? 'kernel-libipsec kernel-netlink' : 'kernel-netlink';
  const libipsec =
    stack === 'kernel-libipsec'
      ? `
    kernel-libipsec {
      allow_peer_ts = yes
    }
    kernel-netlink {
      fwmark = !${DAEMON_MARK}
    }
    socket-default {
      fwmark = ${DAEMON_MARK}
    }`
      : '';
  return `# Written anew at each start.
charon-systemd {
  load = ${plugins} ${kernel} socket-default vici counters
  install_virtual_ip = no
  retransmit_tries = 2
  retransmit_timeout = 1.0
  retransmit_base = 1.5
  plugins {
    vici {
      socket = unix://${viciSocket}
    }${libipsec}
  }
  filelog {
    trustline {
      path = ${logFile}
      time_format = %Y-%m-%dT%H:%M:%S
      append = no
      default = 1
      flush_line = yes
    }
  }
}
`;
}
