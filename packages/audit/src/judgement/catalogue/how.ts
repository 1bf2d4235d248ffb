import type { System } from './entry.ts';

/** Signalling by TLS alone. */
export const tlsEverywhere = {
  asterisk:
    'transport: protocol=tls with cert_file and priv_key_file; endpoint: transport=that one, and no UDP or TCP transport',
  freeswitch: 'sofia profile: tls=true, tls-only=true; gateways with register-transport=tls',
  cucm: 'cluster in mixed mode, device security profile "Encrypted"; trunk: SIP Trunk Security Profile "Encrypted", TLS',
  kamailio: 'enable_tls=yes, listen=tls:…, and refuse other transports: if ($proto != "tls") sl_send_reply("403", …)',
  trustline: 'devices with security: encrypted; listeners with transport: tls alone',
  gateway: 'sip-ua: transport tcp tls v1.2; voice service voip, sip: url sips',
} as const;

/** Media by SRTP, or no call. */
export const requireSrtp = {
  asterisk:
    'endpoint: media_encryption=sdes (or dtls), media_encryption_optimistic=no; transport-tls for its signalling',
  freeswitch:
    'rtp_secure_media=mandatory on both legs, e.g. <action application="export" data="rtp_secure_media=mandatory"/>',
  cucm: 'cluster in mixed mode; device security profile: Device Security Mode "Encrypted"; trunks: SRTP Allowed and TLS profile',
  kamailio: 'rtpengine_manage("RTP/SAVP ..."), and refuse offers of RTP/AVP with 488',
  trustline: 'the route’s policy: require; the device’s security: encrypted',
  gateway: 'voice service voip: srtp; dial-peer: srtp (not "srtp fallback"), session transport tcp tls',
} as const;

/** What is to be set on each system, one thing and the other. */
export function bySystem(
  one: Readonly<Partial<Record<System, string>>>,
  other: Readonly<Partial<Record<System, string>>>,
): Readonly<Partial<Record<System, string>>> {
  const both: Partial<Record<System, string>> = { ...one };
  for (const system of Object.keys(other) as System[]) {
    both[system] = [one[system], other[system]].filter((words) => words !== undefined).join('; ');
  }
  return both;
}
