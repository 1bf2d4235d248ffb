import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SipHostPort } from '@trustline/sip';
import { eventually } from './eventually.ts';

export interface KamailioOptions {
  /** A folder of its own: its configuration goes there. */
  readonly directory: string;
  readonly port: number;
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly realm: string;
  /** The one password of all phones; with TLS the certificate proves who they are. */
  readonly password: string;
  /** PEM files, for TLS. */
  readonly tls?: { readonly certificate: string; readonly privateKey: string; readonly trust: string };
  /** Processes that read messages. */
  readonly workers: number;
  /** Put before its command line, for instance to keep it on one processor. */
  readonly wrapper?: readonly string[];
}

/** Kamailio as registrar and stateful proxy for phones that prove who they are, with its locations in memory. */
export class Kamailio {
  readonly target: SipHostPort;
  readonly processId: number;
  readonly #exited: Promise<unknown>;

  static async start(options: KamailioOptions): Promise<Kamailio> {
    const file = join(options.directory, 'kamailio.cfg');
    await writeFile(file, configuration(options));
    const { wrapper = [] } = options;
    // Its folder for sockets is its own, so that it meets no other; 1 GB is shared, 32 MB each process has for itself.
    const own = ['/usr/sbin/kamailio', '-f', file, '-DD', '-E', '-Y', options.directory, '-m', '1024', '-M', '32'];
    const [command = '', ...args] = [...wrapper, ...own];
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + String(chunk)).slice(-4_000);
    });
    const exited = once(child, 'exit');
    const started = await eventually('the start of Kamailio', async () => {
      if (child.exitCode !== null) throw new Error(`Kamailio ended: ${said}`);
      return answersOptions(options.port);
    });
    if (!started || child.pid === undefined) throw new Error('Kamailio did not start');
    return new Kamailio({ host: '127.0.0.1', port: options.port }, child.pid, exited);
  }

  private constructor(target: SipHostPort, processId: number, exited: Promise<unknown>) {
    this.target = target;
    this.processId = processId;
    this.#exited = exited;
  }

  async stop(): Promise<void> {
    process.kill(this.processId, 'SIGTERM');
    await this.#exited;
  }
}

/** It serves UDP too, whatever it is tried with. */
async function answersOptions(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const own = `127.0.0.1:${socket.address().port}`;
    const request = [
      `OPTIONS sip:127.0.0.1:${port} SIP/2.0`,
      `Via: SIP/2.0/UDP ${own};branch=z9hG4bKprobe`,
      'Max-Forwards: 70',
      `From: <sip:probe@${own}>;tag=probe`,
      `To: <sip:127.0.0.1:${port}>`,
      `Call-ID: ${own}`,
      'CSeq: 1 OPTIONS',
      'Content-Length: 0',
    ];
    const answered = once(socket, 'message', { signal: AbortSignal.timeout(200) });
    socket.send(`${request.join('\r\n')}\r\n\r\n`, port, '127.0.0.1');
    return await answered.then(
      () => true,
      () => false,
    );
  } finally {
    socket.close();
  }
}

function configuration({ port, transport, realm, password, tls, workers }: KamailioOptions): string {
  const listens = transport === 'udp' ? ['udp'] : ['udp', transport];
  const modules = ['tm', 'tmx', 'sl', 'rr', 'pv', 'maxfwd', 'textops', 'siputils', 'usrloc', 'registrar', 'auth'];
  const { certificate, privateKey, trust } = tls ?? {};
  const tlsLines = [
    'enable_tls=yes',
    'loadmodule "tls.so"',
    'modparam("tls", "tls_method", "TLSv1.2+")',
    `modparam("tls", "certificate", "${certificate}")`,
    `modparam("tls", "private_key", "${privateKey}")`,
    `modparam("tls", "ca_list", "${trust}")`,
    'modparam("tls", "verify_certificate", 1)',
    'modparam("tls", "require_certificate", 1)',
  ];
  const byPassword = `
    if (!pv_www_authenticate("${realm}", "${password}", "0")) {
      www_challenge("${realm}", "1");
      exit;
    }
    consume_credentials();`;
  const byCertificate = `
    if (!($tls_peer_subject_cn =~ "^SEP[0-9A-F]+$")) { sl_send_reply("403", "Forbidden"); exit; }`;
  return `#!KAMAILIO
debug=0
log_stderror=yes
children=${workers}
tcp_children=${workers}
tcp_max_connections=20000
tls_max_connections=20000
tcp_connection_lifetime=3605
auto_aliases=no
dns=no
rev_dns=no
${listens.map((each) => `listen=${each}:127.0.0.1:${port}`).join('\n')}
${transport === 'tls' ? tlsLines.join('\n') : ''}
${modules.map((each) => `loadmodule "${each}.so"`).join('\n')}
modparam("usrloc", "db_mode", 0)
modparam("usrloc", "hash_size", 14)
modparam("registrar", "max_expires", 3600)
modparam("auth", "algorithm", "SHA-256")
modparam("auth", "nonce_expire", 3600)

request_route {
  if (!mf_process_maxfwd_header("70")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("OPTIONS")) { sl_send_reply("200", "OK"); exit; }
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (!is_method("ACK")) {
    if (t_precheck_trans()) { t_check_trans(); exit; }
    t_check_trans();
  }
  if (has_totag()) {
    if (loose_route()) { t_relay(); exit; }
    if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
    sl_send_reply("404", "Not Here");
    exit;
  }
  if (is_method("REGISTER|INVITE")) {${transport === 'tls' ? byCertificate : byPassword}
  }
  if (is_method("REGISTER")) { save("location"); exit; }
  if (!is_method("INVITE")) { sl_send_reply("405", "Method Not Allowed"); exit; }
  record_route();
  if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
  t_relay();
}
`;
}
