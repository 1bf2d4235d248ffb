/** Texts of configurations for Kamailio: what it is in a test or a bench. */

interface Common {
  readonly port: number;
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly realm: string;
  readonly password: string;
  /** PEM files, for TLS. */
  readonly tls?: { readonly certificate: string; readonly privateKey: string; readonly trust: string };
  /** Of its challenges. */
  readonly digestAlgorithm: 'MD5' | 'SHA-256';
  /** Processes that read messages. */
  readonly workers: number;
}

/** What is the same in all: it listens by UDP and the transport, has its locations in memory, and may challenge. */
function preamble({ port, transport, tls, digestAlgorithm, workers }: Common): string {
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
modparam("auth", "algorithm", "${digestAlgorithm}")
modparam("auth", "nonce_expire", 3600)
`;
}

/** Registrar and stateful proxy for phones: with TLS their certificates prove who they are, else the one password of all. */
export function kamailioForPhones(options: Common): string {
  const { transport, realm, password } = options;
  const byPassword = `
    if (!pv_www_authenticate("${realm}", "${password}", "0")) {
      www_challenge("${realm}", "1");
      exit;
    }
    consume_credentials();`;
  const byCertificate = `
    if (!($tls_peer_subject_cn =~ "^SEP[0-9A-F]+$")) { sl_send_reply("403", "Forbidden"); exit; }`;
  return `${preamble(options)}
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

interface ProviderOptions extends Common {
  /** Where calls of the customer go, `host:port` by UDP. */
  readonly network: string;
}

/**
 * A provider of trunks: everything that its customer begins, BYE included, is challenged, and goes to the network; what
 * comes from there goes to where the customer has registered.
 */
export function kamailioForTrunks(options: ProviderOptions): string {
  const { transport, realm, password, network } = options;
  return `${preamble(options)}modparam("auth", "qop", "auth")

request_route {
  if (!mf_process_maxfwd_header("70")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("OPTIONS")) { sl_send_reply("200", "OK"); exit; }
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (is_method("REGISTER")) {
    if (!pv_www_authenticate("${realm}", "${password}", "0")) { www_challenge("${realm}", "1"); exit; }
    save("location");
    exit;
  }
  if (proto == ${transport.toUpperCase()} && is_method("INVITE|BYE|UPDATE")) {
    if (!pv_proxy_authenticate("${realm}", "${password}", "0")) { proxy_challenge("${realm}", "1"); exit; }
    consume_credentials();
  }
  if (has_totag()) {
    if (loose_route()) { t_relay(); exit; }
    if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
    sl_send_reply("404", "Not Here");
    exit;
  }
  if (!is_method("INVITE")) { sl_send_reply("405", "Method Not Allowed"); exit; }
  record_route();
  if (proto == ${transport.toUpperCase()}) { $du = "sip:${network}"; }
  else if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
  t_relay();
}
`;
}
