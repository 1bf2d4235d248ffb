import type { CatalogueEntry } from './entry.ts';

const tlsEverywhere = {
  asterisk:
    'transport: protocol=tls with cert_file and priv_key_file; endpoint: transport=that one, and no UDP or TCP transport',
  freeswitch: 'sofia profile: tls=true, tls-only=true; gateways with register-transport=tls',
  cucm: 'cluster in mixed mode, device security profile "Encrypted"; trunk: SIP Trunk Security Profile "Encrypted", TLS',
  kamailio: 'enable_tls=yes, listen=tls:…, and refuse other transports: if ($proto != "tls") sl_send_reply("403", …)',
  trustline: 'devices with security: encrypted; listeners with transport: tls alone',
  gateway: 'sip-ua: transport tcp tls v1.2; voice service voip, sip: url sips',
} as const;

/** Of keys that lie open. */
export const keyCatalogue: readonly CatalogueEntry[] = [
  {
    code: 'sdes-key-in-clear',
    harm: 'critical',
    title: 'The SRTP key lay open in SDP',
    means:
      'A description with the media’s master key (a=crypto, k=, or MIKEY that encrypts nothing) crossed the network without encryption.',
    why: 'Whoever saw that one message opens the whole call, also one that was recorded before.',
    rules: ['RFC 4568 §7', 'PCI DSS 4.0 §4.2.1'],
    fix: 'Carry this signalling by TLS on every hop, or use DTLS-SRTP, whose keys never stand in SDP.',
    how: tlsEverywhere,
  },
  {
    code: 'skinny-key-in-clear',
    harm: 'critical',
    title: 'The SRTP key lay open in Skinny',
    means: 'StartMediaTransmission or OpenReceiveChannel with a media key crossed the network by TCP without TLS.',
    why: 'Whoever saw the message opens the call.',
    rules: ['PCI DSS 4.0 §4.2.1', 'RFC 3711 §9'],
    fix: 'Give the phone an encrypted security profile, so that its Skinny goes by TLS (port 2443).',
    how: { cucm: tlsEverywhere.cucm, trustline: tlsEverywhere.trustline },
  },
  {
    code: 'h323-key-in-clear',
    harm: 'critical',
    title: 'The SRTP key lay open in H.323',
    means: 'H.245 (or H.225 with fastStart) carried an H.235.8 key, and nothing protected it.',
    why: 'Whoever saw the message opens the call.',
    rules: ['ITU-T H.235.8 §7', 'PCI DSS 4.0 §4.2.1'],
    fix: 'Put the signalling between these gateways into IPsec (or TLS by H.235.0), or use SIP by TLS.',
    how: {
      gateway: 'crypto map with an IKEv2 profile on the interface that faces the call manager',
      cucm: 'IPsec between the gateway and the cluster: Cisco Unified OS, Security, IPSec Configuration',
      trustline: 'gateways[].ipsec: required; see docs/how-to/ipsec.md',
    },
  },
  {
    code: 'mgcp-key-in-clear',
    harm: 'critical',
    title: 'The SRTP key lay open in MGCP',
    means: 'MGCP carried a description with the media’s key, and MGCP has no encryption of its own.',
    why: 'Whoever saw the message opens the call.',
    rules: ['RFC 3435 §5', 'RFC 4568 §7', 'PCI DSS 4.0 §4.2.1'],
    fix: 'Put MGCP between the gateway and the call manager into IPsec, or use SIP by TLS.',
    how: {
      gateway: 'crypto map with an IKEv2 profile towards the call manager',
      cucm: 'Cisco Unified OS, Security, IPSec Configuration',
    },
  },
  {
    code: 'key-in-null-cipher-tls',
    harm: 'critical',
    title: 'The SRTP key stood in TLS that encrypts nothing',
    means: 'The signalling went by TLS with a NULL suite (integrity alone), and the media’s key stood in it.',
    why: 'It counts as TLS everywhere, and a tap reads the key in it.',
    rules: ['RFC 4568 §7', 'RFC 9325 §4.1', 'PCI DSS 4.0 §4.2.1'],
    fix: 'Encrypt this signalling: the device security mode is "authenticated", make it "encrypted".',
    how: {
      cucm: 'device security profile: "Encrypted" instead of "Authenticated"',
      asterisk: 'transport: cipher= without eNULL',
      trustline: 'the device’s security: encrypted',
    },
  },
  {
    code: 'key-leaked-later',
    harm: 'critical',
    title: 'A later message gave the key away',
    means:
      'The call began with its keys protected, and a message in the middle of it (a re-INVITE, an UPDATE) showed a key in the clear.',
    why: 'Where the key is the one in use, all that was recorded before is opened with it.',
    rules: ['RFC 4568 §7', 'PCI DSS 4.0 §4.2.1'],
    fix: 'Carry every message of the dialog by TLS: check Record-Route, Contact and the route of re-INVITEs.',
    how: tlsEverywhere,
  },
  {
    code: 'opened-by-given-key',
    harm: 'information',
    title: 'Opened with a key that you gave',
    means: 'What is heard here was opened with the key file that was given with --keys.',
    why: 'Whoever holds that key hears it too. Without it, it is protected.',
    rules: [],
    fix: 'Guard that key; prefer suites with forward secrecy and DTLS-SRTP, which a server’s key does not open.',
    how: {},
  },
  {
    code: 'dtls-fingerprint-mismatch',
    harm: 'critical',
    title: 'The DTLS certificate is not the one that was announced',
    means: 'The fingerprint in the description and the certificate of the media’s handshake differ.',
    why: 'Somebody stands between the ends and holds both keys: an interceptor, or a relay that says nothing of itself.',
    rules: ['RFC 5763 §5', 'RFC 8122 §5'],
    fix: 'Find who answers the handshake at that address; ends that let it pass need an update.',
    how: {},
  },
  {
    code: 'dtls-fingerprint-in-clear',
    harm: 'medium',
    title: 'The DTLS fingerprint went by signalling that anybody can change',
    means: 'DTLS-SRTP is only as good as the fingerprint in its description, and that was not protected.',
    why: 'Who can alter the signalling puts a fingerprint of his own there, and stands in the middle.',
    rules: ['RFC 5763 §5.1', 'RFC 8827 §6.5'],
    fix: 'Carry this signalling by TLS (for browsers: wss).',
    how: { ...tlsEverywhere },
  },
];
