import type { CallerIdentity, Device, LegProtection } from '@trustline/callcontrol';
import type { EventKind } from '@trustline/evidence';
import {
  type Authorization,
  type DigestAlgorithm,
  type DigestClaim,
  DigestServer,
  headerValue,
  type InviteSession,
  type SipFlow,
  type SipRequest,
} from '@trustline/sip';
import type { DeviceDirectory } from '../../device-directory.ts';
import { addressOf } from './authority.ts';
import { type ClaimedIdentity, claimIdentity } from './identity.ts';
import { refusalHeaders } from './leg-headers.ts';

/** What a TLS connection has proved, from the judgement of its certificate. */
export interface TlsPeer {
  readonly device: string;
  readonly protection: LegProtection;
  /** DER, leaf first: judged again when trust changes. */
  readonly chain: readonly Uint8Array[];
  /** Epoch milliseconds after which the certificate proves nothing any more. */
  readonly notAfter: number;
}

/** H(A1) of a device that proves itself by password. */
export interface PasswordSecret {
  readonly sha256: string;
  readonly md5: string | undefined;
}

/** Who sends a request, as the gate has established it. */
export interface ProvenSender {
  readonly device: string;
  readonly caller: CallerIdentity;
  readonly protection: LegProtection;
  /** A trunk or gateway, whose word about others is taken: who calls, and how the call came to it. */
  readonly vouchesForOthers: boolean;
}

/** What the gate says about a request that it turned away. */
export interface GateNotice {
  readonly kind: EventKind;
  readonly cause: string;
  readonly reason: string;
  readonly device?: string;
  readonly line?: string;
  readonly remoteAddress: string;
  readonly nextStep?: string;
}

export interface GatePorts {
  readonly directory: DeviceDirectory;
  readonly random: (length: number) => Uint8Array;
  readonly realm: string;
  /** Epoch milliseconds. */
  readonly wallTime: (now: number) => number;
  passwordOf(device: string): PasswordSecret | undefined;
  /** What the listener of this flow takes, preferred first (RFC 8760 §2.3). */
  digestAlgorithms(flow: SipFlow): readonly DigestAlgorithm[];
  /** The device of the leg that a session is. */
  deviceOf(session: InviteSession): string | undefined;
  /** The trunk that is believed without TLS, since its operator says so: on a connection that we have made, or at its address. */
  clearTrunkOn(flow: SipFlow): string | undefined;
  notice(notice: GateNotice): void;
  /** A device has proved itself by password: its flow may stay. `isNew` when it was not there before on this flow. */
  authenticated(flow: SipFlow, device: string, isNew: boolean): void;
}

type RefusalReason =
  | Extract<ClaimedIdentity, { granted: false }>['reason']
  | 'unknown-device'
  | 'certificate-expired'
  | 'leg-of-another-device'
  | 'not-non-secure'
  | 'declared-as-skinny';

interface Refusal {
  readonly device: string | undefined;
  readonly reason: RefusalReason;
  readonly cause: string;
  readonly nextStep?: string;
}

const allowed: Authorization = { kind: 'allow' };

/**
 * Binds every request to the device that sent it, on every request and not only at the handshake: certificate or
 * password → device → its lines. Nothing that it turns away has touched a session or a table.
 */
export class Gate {
  readonly #ports: GatePorts;
  readonly #peers = new Map<string, TlsPeer>();
  readonly #senders = new WeakMap<SipRequest, ProvenSender>();
  /** By the algorithms they take; a secret each, so that what one has counted as used cannot be played to another. */
  readonly #digestServers = new Map<string, DigestServer>();

  constructor(ports: GatePorts) {
    this.#ports = ports;
  }

  /** A TLS connection has been judged and let in. */
  opened(flow: SipFlow, peer: TlsPeer): void {
    this.#peers.set(flow.id, peer);
    this.#ports.directory.flowProven(flow, peer.device, peer.protection);
  }

  /** Returns the devices that can no longer be reached. */
  closed(flowId: string): readonly string[] {
    this.#peers.delete(flowId);
    return this.#ports.directory.flowClosed(flowId);
  }

  /** The connections that a judge no longer believes, with why. */
  unbelieved(
    judge: (peer: TlsPeer) => string | undefined,
  ): readonly { flowId: string; peer: TlsPeer; reason: string }[] {
    return [...this.#peers].flatMap(([flowId, peer]) => {
      const reason = judge(peer);
      return reason === undefined ? [] : [{ flowId, peer, reason }];
    });
  }

  /** The sender of a request outside a dialog that was let through. */
  senderOf(request: SipRequest): ProvenSender | undefined {
    return this.#senders.get(request);
  }

  authorize(now: number, flow: SipFlow, request: SipRequest, session: InviteSession | undefined): Authorization {
    // One of no call does nothing and is answered by nothing; its credentials are those of its INVITE (RFC 3261 §22.1), and
    // fit no other request: nobody has failed to prove anything.
    if (request.method === 'ACK' && session === undefined) return { kind: 'refuse', status: 481 };
    if (flow.transport !== 'tls') return this.#authorizeClear(now, flow, request, session);
    const peer = this.#peers.get(flow.id);
    const device = peer === undefined ? undefined : this.#ports.directory.device(peer.device);
    if (peer === undefined || device === undefined) {
      return this.#refuse(flow, request, {
        device: peer?.device,
        reason: 'unknown-device',
        cause: `${peer?.device ?? 'the sender'} is no device of this cluster any more`,
      });
    }
    if (this.#ports.wallTime(now) > peer.notAfter) {
      const cause = `the certificate of ${peer.device} expired while it was connected`;
      return this.#refuse(flow, request, { device: peer.device, reason: 'certificate-expired', cause });
    }
    if (session !== undefined) return this.#authorizeInDialog(flow, request, session, peer.device);
    return this.#authorizeClaim(flow, request, device, peer.protection);
  }

  /** "Inside a dialog a request must come from the device that owns that leg." */
  #authorizeInDialog(flow: SipFlow, request: SipRequest, session: InviteSession, device: string): Authorization {
    const owner = this.#ports.deviceOf(session);
    if (owner === undefined || owner === device) return allowed;
    const cause = `${device} sent ${request.method} in a call leg of ${owner}`;
    return this.#refuse(flow, request, { device, reason: 'leg-of-another-device', cause });
  }

  #authorizeClaim(flow: SipFlow, request: SipRequest, device: Device, protection: LegProtection): Authorization {
    const { directory } = this.#ports;
    if (directory.protocolOf(device.name) !== 'sip') {
      return this.#refuse(flow, request, {
        device: device.name,
        reason: 'declared-as-skinny',
        cause: `${device.name} is declared to speak Skinny (SCCP) and came by SIP`,
        nextStep: `Restart it, so that it takes its configuration. To have it speak SIP, remove it and add it again: trustline device add ${device.name} --protocol sip`,
      });
    }
    const claim = claimIdentity(request, device, (line) => directory.devicesOf(line));
    if (!claim.granted) {
      return this.#refuse(flow, request, { device: device.name, reason: claim.reason, cause: claim.sentence });
    }
    const vouchesForOthers = device.kind !== 'phone';
    this.#senders.set(request, { device: device.name, caller: claim.caller, protection, vouchesForOthers });
    return allowed;
  }

  /** 5060 is for devices whose security mode is non-secure, by themselves or by the cluster's; they need a password. */
  #authorizeClear(now: number, flow: SipFlow, request: SipRequest, session: InviteSession | undefined): Authorization {
    const { directory } = this.#ports;
    if (session !== undefined) {
      const owner = this.#ports.deviceOf(session);
      const isOwners = owner === undefined || directory.flowsOf(owner).some(({ id }) => id === flow.id);
      if (session.flow.id === flow.id || isOwners) return allowed;
      if (owner !== undefined && this.clearTrunk(flow, request)?.name === owner) return allowed;
      // It may be the owner, whose connection was lost: the password says so. An ACK cannot be challenged (RFC 3261 §22.1).
      const isAway = owner !== undefined && directory.flowsOf(owner).length === 0;
      if (isAway && request.method !== 'ACK') return this.#authorizeByDigest(now, flow, request, owner);
      const cause = `${request.method} in a call leg of ${owner} came from another address`;
      return this.#refuse(flow, request, { device: owner, reason: 'leg-of-another-device', cause });
    }
    const trunk = this.clearTrunk(flow, request);
    if (trunk === undefined) return this.#authorizeByDigest(now, flow, request, undefined);
    const protection = { protocol: 'sip', signalling: 'none', proof: 'none' } as const;
    const authorization = this.#authorizeClaim(flow, request, trunk, { ...protection, remoteAddress: addressOf(flow) });
    // Its answers are repeated like anybody's; no call goes down this flow for that.
    if (authorization.kind === 'allow') this.#ports.authenticated(flow, trunk.name, false);
    return authorization;
  }

  /** The trunk that is believed without TLS. Who brings credentials, or registers, is somebody else at its address. */
  clearTrunk(flow: SipFlow, request: SipRequest): Device | undefined {
    if (flow.transport === 'tls') return undefined;
    const trunk = this.#ports.directory.device(this.#ports.clearTrunkOn(flow) ?? '');
    if (trunk === undefined || trunk.kind === 'phone' || trunk.securityMode !== 'non-secure') return undefined;
    const isSomebodyElse = request.method === 'REGISTER' || headerValue(request, 'Authorization') !== undefined;
    return isSomebodyElse ? undefined : trunk;
  }

  /** @param owner of the call leg that a request is in; undefined for one outside of any */
  #authorizeByDigest(now: number, flow: SipFlow, request: SipRequest, owner: string | undefined): Authorization {
    const { directory } = this.#ports;
    const server = this.#digestServer(flow);
    const verdict = server.verify(now, request, (claim) => this.#account(claim));
    switch (verdict.kind) {
      case 'missing':
        return { kind: 'refuse', status: 401, headers: server.challenge(now) };
      case 'stale':
        return { kind: 'refuse', status: 401, headers: server.challenge(now, { stale: true }) };
      case 'refused': {
        const known = verdict.username === undefined ? undefined : directory.device(verdict.username)?.name;
        this.#ports.notice({
          kind: 'authentication-failed',
          reason: verdict.reason,
          cause: `${request.method} was refused: ${digestSentences[verdict.reason]}`,
          ...(known === undefined ? {} : { device: known }),
          remoteAddress: addressOf(flow),
        });
        const isWrong = verdict.reason === 'wrong-password' || verdict.reason === 'unknown-user';
        if (isWrong) return { kind: 'refuse', status: 403, reason: 'Forbidden - Wrong User Or Password' };
        return { kind: 'refuse', status: 401, headers: server.challenge(now) };
      }
      case 'verified':
        return this.#authorizePassword(flow, request, verdict.username, owner);
    }
  }

  #authorizePassword(flow: SipFlow, request: SipRequest, name: string, owner: string | undefined): Authorization {
    const device = this.#ports.directory.device(name);
    if (device === undefined || device.securityMode !== 'non-secure') {
      const cause = `${name} is not a non-secure device and may not use ${flow.transport.toUpperCase()}`;
      const nextStep = 'Restart the phone: it takes the CTL and registers by TLS.';
      return this.#refuse(flow, request, { device: name, reason: 'not-non-secure', cause, nextStep });
    }
    const protection: LegProtection = {
      protocol: 'sip',
      // A page on a WebSocket has seen our certificate; its media stay non-secure, as those of every such device.
      signalling: flow.transport === 'wss' ? 'tls-server-only' : 'none',
      proof: 'digest',
      provenIdentity: name,
      remoteAddress: addressOf(flow),
    };
    if (owner !== undefined && owner !== name) {
      const cause = `${name} sent ${request.method} in a call leg of ${owner}`;
      return this.#refuse(flow, request, { device: name, reason: 'leg-of-another-device', cause });
    }
    const authorization =
      owner === undefined ? this.#authorizeClaim(flow, request, device, protection) : ({ kind: 'allow' } as const);
    if (authorization.kind === 'allow') {
      this.#ports.authenticated(flow, name, this.#ports.directory.flowProven(flow, name, protection));
    }
    return authorization;
  }

  #digestServer(flow: SipFlow): DigestServer {
    const algorithms = this.#ports.digestAlgorithms(flow);
    const key = algorithms.join();
    const existing = this.#digestServers.get(key);
    if (existing !== undefined) return existing;
    const { realm, random } = this.#ports;
    const made = new DigestServer({ realm, random, secret: random(32), algorithms });
    this.#digestServers.set(key, made);
    return made;
  }

  /** The digest user name is the device's name. */
  #account(claim: DigestClaim): { username: string; ha1: string } | undefined {
    const secret = this.#ports.passwordOf(claim.username);
    const ha1 = claim.algorithm === 'SHA-256' ? secret?.sha256 : claim.algorithm === 'MD5' ? secret?.md5 : undefined;
    return ha1 === undefined ? undefined : { username: claim.username, ha1 };
  }

  #refuse(flow: SipFlow, request: SipRequest, { device, reason, cause, nextStep }: Refusal): Authorization {
    this.#ports.notice({
      kind: request.method === 'REGISTER' ? 'registration-refused' : 'request-refused',
      reason,
      cause,
      ...(device === undefined ? {} : { device }),
      remoteAddress: addressOf(flow),
      ...(nextStep === undefined ? {} : { nextStep }),
    });
    return { kind: 'refuse', status: 403, headers: refusalHeaders(flow, 'call-rejected', wordsOf[reason]) };
  }
}

/** What the sender reads: nothing that it does not know of itself. */
const wordsOf: Readonly<Record<RefusalReason, string>> = {
  'unknown-device': 'This device is not known here; ask whoever runs the call manager',
  'certificate-expired': 'The certificate of this phone has expired: it needs a new one',
  'leg-of-another-device': 'This call is not one of this device',
  'not-non-secure': 'This device must use TLS: restart it, so that it fetches its configuration',
  'declared-as-skinny': 'This device is to speak Skinny: restart it, so that it fetches its configuration',
  'no-line-named': 'The request names none of the lines of this device in From',
  'line-of-another-device': 'The request names a line that this device does not have',
};

const digestSentences = {
  malformed: 'its credentials could not be read',
  algorithm: 'it used a digest algorithm that this listener does not take; see its `digestAlgorithms`',
  uri: 'its credentials were made for another request',
  'unknown-user': 'no device has this digest user name',
  'wrong-password': 'the password is wrong',
  replayed: 'its credentials had been used before',
  'foreign-nonce': 'its nonce was not given out by this manager',
} as const;
