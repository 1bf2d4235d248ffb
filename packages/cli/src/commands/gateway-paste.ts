/** What is to be entered at the far end of a gateway: in the words of Cisco IOS, and for a gateway of our own. */
import type { GatewayShownAnswer } from '@trustline/manager';
import { gatewayCertificateFiles } from './ipsec.ts';

const ciscoCodecs: Readonly<Record<string, string>> = {
  g711Ulaw64k: 'g711ulaw',
  g711Alaw64k: 'g711alaw',
  'g722-64k': 'g722-64',
  g729: 'g729br8',
  g729AnnexA: 'g729r8',
};

/** Where the manager is, as it is to be entered; a placeholder where nothing listens yet. */
function managerOf({ manager }: GatewayShownAnswer): { readonly address: string; readonly port: number } {
  return manager ?? { address: 'MANAGER-ADDRESS', port: 1720 };
}

/** Cisco IOS. What is in capitals is the operator's to fill in. */
export function ciscoConfiguration(shown: GatewayShownAnswer): string {
  const { settings } = shown;
  const { address, port } = managerOf(shown);
  const [own = 'GATEWAY-ADDRESS'] = settings.addresses;
  const srtp = settings.policy === 'require' ? ['srtp'] : settings.policy === 'prefer' ? ['srtp fallback'] : [];
  const codecs = settings.codecs.flatMap((codec) => ciscoCodecs[codec] ?? []);
  const lines = [
    'voice service voip',
    ' allow-connections h323 to h323',
    ...srtp.map((line) => ` ${line}`),
    ' h323',
    `  call start ${settings.fastStart ? 'fast' : 'slow'}`,
    ...(settings.tunnelling ? [] : ['  h245 tunnel disable']),
    '!',
    'voice class codec 1',
    ...codecs.map((codec, at) => ` codec preference ${at + 1} ${codec}`),
    '!',
    '! The numbers of the phones behind the call manager in place of NUMBERS: 1... for example.',
    'dial-peer voice 1000 voip',
    ' destination-pattern NUMBERS',
    settings.gatekeeper === undefined
      ? ` session target ipv4:${address}${port === 1720 ? '' : `:${port}`}`
      : ' session target ras',
    ' voice-class codec 1',
    ' dtmf-relay rtp-nte h245-alphanumeric',
    ' no vad',
    ...srtp.map((line) => ` ${line}`),
    '!',
    'interface SIGNALLING-INTERFACE',
    ` ip address ${own} NETMASK`,
    ` h323-gateway voip bind srcaddr ${own}`,
    ...gatekeeperOf(shown),
    ...(settings.protection === 'ipsec' ? [' crypto map TO-MANAGER'] : []),
    ...(settings.gatekeeper === undefined ? [] : ['!', 'gateway']),
    ...(settings.protection === 'ipsec' ? ipsecOf(shown, own, address) : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** Which gatekeeper it registers with, and as what; the command `gateway`, which begins that, is not one of the interface. */
function gatekeeperOf({ settings: { gatekeeper }, device }: GatewayShownAnswer): readonly string[] {
  if (gatekeeper === undefined) return [];
  const { address, port, identifier = 'GATEKEEPER-ZONE' } = gatekeeper;
  return [
    ' h323-gateway voip interface',
    ` h323-gateway voip id ${identifier} ipaddr ${address} ${port}`,
    ` h323-gateway voip h323-id ${device.name}`,
  ];
}

/** Only the two addresses of signalling are selected: media, which are SRTP, go beside the tunnel. */
function ipsecOf({ settings, managerIdentity }: GatewayShownAnswer, own: string, manager: string): readonly string[] {
  if (settings.ipsecProfile === 'legacy') return legacyIpsecOf(own, manager, settings.preSharedKeyFile !== undefined);
  return [
    '!',
    'crypto ikev2 proposal TRUSTLINE',
    ' encryption aes-gcm-256',
    ' prf sha384',
    ' group 20',
    'crypto ikev2 policy TRUSTLINE',
    ' proposal TRUSTLINE',
    '! The trustpoint holds the certificate that the manager made for this gateway, with its authority.',
    'crypto ikev2 profile TRUSTLINE',
    ` match identity remote fqdn ${managerIdentity}`,
    ` identity local address ${own}`,
    ' authentication remote rsa-sig',
    ' authentication local rsa-sig',
    ' pki trustpoint TRUSTLINE',
    ' dpd 5 2 periodic',
    'crypto ipsec transform-set TRUSTLINE esp-gcm 256',
    ' mode tunnel',
    'ip access-list extended TRUSTLINE-SIGNALLING',
    ` permit ip host ${own} host ${manager}`,
    'crypto map TO-MANAGER 10 ipsec-isakmp',
    ` set peer ${manager}`,
    ' set transform-set TRUSTLINE',
    ' set pfs group20',
    ' set ikev2-profile TRUSTLINE',
    ' match address TRUSTLINE-SIGNALLING',
  ];
}

/** As IOS 12.4 to 15 speaks it: IKEv1, which is weak. */
function legacyIpsecOf(own: string, manager: string, hasKey: boolean): readonly string[] {
  return [
    '!',
    'crypto isakmp policy 10',
    ' encryption aes',
    ' hash sha',
    ` authentication ${hasKey ? 'pre-share' : 'rsa-sig'}`,
    ' group 2',
    ' lifetime 86400',
    ...(hasKey ? [`crypto isakmp key KEY-OF-THE-FILE address ${manager}`] : []),
    'crypto isakmp keepalive 10 2 periodic',
    'crypto ipsec transform-set TRUSTLINE esp-aes esp-sha-hmac',
    ' mode tunnel',
    'ip access-list extended TRUSTLINE-SIGNALLING',
    ` permit ip host ${own} host ${manager}`,
    'crypto map TO-MANAGER 10 ipsec-isakmp',
    ` set peer ${manager}`,
    ' set transform-set TRUSTLINE',
    ' match address TRUSTLINE-SIGNALLING',
  ];
}

/**
 * The document of `trustline gateway run`, but for its ports, carriers and dial peers. Its IPsec part names the files that
 * `trustline ipsec certificate` writes for the gateway's first address, which is the identity that the manager expects.
 */
export function gatewayDocument(shown: GatewayShownAnswer): string {
  const { device, settings, managerIdentity } = shown;
  const { address, port } = managerOf(shown);
  const [own = '0.0.0.0'] = settings.addresses;
  const isProtected = settings.protection === 'ipsec';
  const codecs = settings.codecs.flatMap((codec) =>
    codec === 'g711Alaw64k' ? ['PCMA'] : codec === 'g711Ulaw64k' ? ['PCMU'] : [],
  );
  const lines = [
    `name: ${quoted(device.name)}`,
    'h323:',
    `  address: ${quoted(own)}`,
    `  port: ${settings.port}`,
    '  callManagers:',
    '    - name: manager',
    `      address: ${quoted(address)}`,
    `      port: ${port}`,
    `      srtp: ${settings.policy}`,
    settings.keyReading === 'auto'
      ? '      # keyReading: the manager finds out by a call; that of a gateway of ours is sender unless it is set'
      : `      keyReading: ${settings.keyReading}`,
    `      keyForm: ${settings.keyForm}`,
    `      suites: [${settings.suites.join(', ')}]`,
    ...(codecs.length === 0 ? [] : [`      codecs: [${codecs.join(', ')}]`]),
    `      tunnelling: ${settings.tunnelling}`,
    `      fastStart: ${settings.fastStart}`,
    ...(isProtected ? [`      ipsec: { identity: ${quoted(managerIdentity)} }`] : []),
    'media:',
    `  address: ${quoted(settings.mediaAddress ?? own)}`,
    ...(isProtected && settings.ipsecProfile === 'legacy'
      ? ['# A gateway of ours speaks IKEv2 alone: add it without --legacy.']
      : []),
    ...(isProtected
      ? [
          'ipsec:',
          `  certificate: ${gatewayCertificateFiles.certificate}`,
          `  key: ${gatewayCertificateFiles.key}`,
          `  authority: ${gatewayCertificateFiles.authority}`,
          `  localIdentity: ${quoted(own)}`,
        ]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** A string of YAML whatever it holds: a name like `on`, an address like `fd00::`. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
