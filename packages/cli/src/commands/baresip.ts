import type { CredentialsAnswer } from '@trustline/manager';

/** Names of the files beside each other in the folder of a device's credentials. */
export const files = {
  certificate: 'device.crt.pem',
  key: 'device.key.pem',
  trust: 'trust.pem',
  pkcs12: 'device.p12',
  /** Certificate and key in one file, as baresip wants them. */
  both: 'device.pem',
} as const;

/**
 * A `config` for baresip (tried with Debian's 1.0.0), for a person with a headset. Paths are absolute: baresip looks for
 * relative ones where it was started, not beside its configuration.
 */
export function baresipConfig({ proof }: CredentialsAnswer, folder: string): string {
  const certificate = [
    `sip_certificate         ${folder}/${files.both}`,
    `sip_cafile              ${folder}/${files.trust}`,
    '# Versions that know sip_verify_server verify the call manager by this file. 1.0.0 does not, and verifies',
    '# nothing: whoever stands between may play the call manager to it. Use a later one outside a lab.',
    'sip_verify_server       yes',
  ];
  return `${[
    '# Written by trustline. Start it with: baresip -f THIS-FOLDER',
    'poll_method             epoll',
    '# Any free port: 5060 may belong to the call manager.',
    'sip_listen              0.0.0.0:0',
    ...(proof.kind === 'certificate' ? certificate : []),
    '',
    'call_local_timeout      120',
    'call_max_calls          4',
    '',
    'audio_path              /usr/share/baresip',
    'audio_player            alsa,default',
    'audio_source            alsa,default',
    'audio_alert             alsa,default',
    'audio_buffer            20-160',
    'jitter_buffer_delay     5-10',
    'rtp_tos                 184',
    'rtcp_mux                no',
    '',
    'module_path             /usr/lib/baresip/modules',
    'module                  stdio.so',
    'module                  g711.so',
    'module                  alsa.so',
    'module                  srtp.so',
    'module_tmp              uuid.so',
    'module_tmp              account.so',
    'module_app              menu.so',
  ].join('\n')}\n`;
}

/**
 * Why a phone with a password would not register, and what to do. libre, which baresip 1.0.0 stands on, knows MD5
 * alone and gives up when any challenge names another algorithm ("Function not implemented").
 */
export function baresipObstacle({ proof, server }: CredentialsAnswer): string | undefined {
  if (proof.kind !== 'password' || proof.algorithms.join() === 'MD5') return undefined;
  return (
    `baresip 1.0.0 knows digest by MD5 alone, and port ${server.port} takes ${proof.algorithms.join(' and ')}.\n` +
    `  next: set digestAlgorithms: [MD5] for this ${server.transport} listener in trustline.yaml, start the manager ` +
    'again, and repeat this command with --force. Better: a phone with certificate.\n'
  );
}

/**
 * The `accounts` of a phone that speaks Skinny, which baresip does not: the project's own phone reads them. The same
 * notation, with a scheme of its own.
 */
export function skinnyAccounts({ device, server }: CredentialsAnswer): string {
  const host = server.host.includes(':') ? `[${server.host}]` : server.host;
  const transport = server.transport === 'sccp-tls' ? 'tls' : 'tcp';
  return device.lines
    .map(({ number, displayName }) => {
      const uri = `sccp:${number.replaceAll('#', '%23')}@${host}:${server.port};transport=${transport}`;
      return `${quotedName(displayName)}<${uri}>;device=${device.name}\n`;
    })
    .join('');
}

/** Its `accounts`: one for each line of the device. */
export function baresipAccounts({ device, server, proof }: CredentialsAnswer): string {
  const host = server.host.includes(':') ? `[${server.host}]` : server.host;
  const authentication = proof.kind === 'password' ? `;auth_user=${proof.user};auth_pass=${proof.password}` : '';
  // `srtp-mand` refuses a call that would be clear; a phone that is only authenticated has no SRTP at all.
  const media = device.securityMode === 'encrypted' ? ';mediaenc=srtp-mand' : '';
  return device.lines
    .map(({ number, displayName }) => {
      const uri = `sip:${number.replaceAll('#', '%23')}@${host}:${server.port};transport=${server.transport}`;
      return `${quotedName(displayName)}<${uri}>;regint=300;audio_codecs=PCMA/8000/1,PCMU/8000/1${media}${authentication}\n`;
    })
    .join('');
}

function quotedName(displayName: string | null): string {
  return displayName === null ? '' : `"${displayName.replace(/["\\\r\n]/g, '')}" `;
}
