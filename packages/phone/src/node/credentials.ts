import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redacted } from '@trustline/base';
import type { SipHostPort } from '@trustline/sip';
import { PhoneError } from '../error.ts';

/** How a phone whose credentials lie in a folder reaches its manager, and proves itself there. */
export type StoredConnection =
  | {
      readonly kind: 'tls';
      readonly certificatePem: string;
      readonly privateKeyPem: string;
      /** What servers are believed by. */
      readonly trustBundlePem: string;
    }
  | {
      readonly kind: 'udp' | 'tcp';
      /** The device's name. */
      readonly user: string;
      readonly password: Redacted<string>;
      /** Answer MD5 too. Default false. */
      readonly allowMd5?: boolean;
    };

/** As a phone that has booted: the very certificate of the server is judged, by trust lists. */
export interface ListedConnection {
  readonly kind: 'tls-by-lists';
  readonly certificatePem: string;
  readonly privateKeyPem: Redacted<string>;
  /** Gets the server's own certificate, DER. */
  readonly judgeManager: (certificate: Uint8Array) => Promise<ManagerJudgement>;
}

export type PhoneConnection = StoredConnection | ListedConnection;

/** Whether a call manager is believed; `reason` is in an operator's words. */
export interface ManagerJudgement {
  readonly accepted: boolean;
  readonly reason: string;
}

export interface PhoneLine {
  readonly number: string;
  readonly displayName: string | undefined;
}

/** What `device credentials` wrote. */
export type PhoneCredentials = {
  /** The lines of the device, the first one first. */
  readonly lines: readonly [PhoneLine, ...PhoneLine[]];
  readonly server: SipHostPort;
} & (
  | { readonly protocol: 'SIP'; readonly connection: StoredConnection }
  | {
      readonly protocol: 'SCCP';
      /** The device's name; by TLS its certificate says it too. */
      readonly device: string | undefined;
      readonly connection: Extract<StoredConnection, { kind: 'tls' }> | ClearSkinny;
    }
);

/** By Skinny without TLS a phone says its name, and proves nothing. */
export interface ClearSkinny {
  readonly kind: 'unproven';
}

/**
 * Reads a folder as `trustline device credentials` writes it: `accounts` says line, server and transport, beside it lie
 * certificate, key and trust bundle.
 *
 * @throws {PhoneError} phone.credentials-missing, phone.credentials-malformed
 */
export function readCredentials(folder: string): PhoneCredentials {
  const accounts = readFile(folder, 'accounts');
  const read = accounts.split('\n').map(readAccount);
  const [first, ...others] = read.filter((account) => account !== undefined);
  if (first === undefined) {
    throw new PhoneError('phone.credentials-malformed', `${join(folder, 'accounts')} names no line of this phone`, {
      nextStep:
        'Add a line to the device, and write the folder again: trustline device credentials NAME --out FOLDER --force',
    });
  }
  const lines = [lineOf(first), ...others.map(lineOf)] as const;
  const { server, scheme, transport, user, password, device } = first;
  if (transport === 'tls') {
    const connection = {
      kind: 'tls' as const,
      certificatePem: readFile(folder, 'device.crt.pem'),
      privateKeyPem: readFile(folder, 'device.key.pem'),
      trustBundlePem: readFile(folder, 'trust.pem'),
    };
    return scheme === 'sccp'
      ? { protocol: 'SCCP', lines, server, device, connection }
      : { protocol: 'SIP', lines, server, connection };
  }
  if (scheme === 'sccp') return { protocol: 'SCCP', lines, server, device, connection: { kind: 'unproven' } };
  if (user === undefined || password === undefined) {
    throw new PhoneError('phone.credentials-malformed', `${join(folder, 'accounts')} has no digest password`, {
      nextStep: 'Write the folder again: trustline device credentials NAME --out FOLDER --force',
    });
  }
  return { protocol: 'SIP', lines, server, connection: { kind: transport, user, password: new Redacted(password) } };
}

function lineOf({ number, displayName }: Account): PhoneLine {
  return { number, displayName };
}

interface Account {
  readonly number: string;
  readonly displayName: string | undefined;
  readonly server: SipHostPort;
  readonly scheme: 'sip' | 'sccp';
  readonly transport: 'tls' | 'tcp' | 'udp';
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly device: string | undefined;
}

/** `"Name" <sip:1001@[::1]:5061;transport=tls>;auth_user=…;auth_pass=…`, as baresip reads it; with `sccp:` that of a phone of Skinny. */
function readAccount(line: string): Account | undefined {
  const match =
    /^\s*(?:"([^"]*)"\s*)?<(sip|sccp):([^@>;]+)@(\[[0-9a-fA-F:.]+\]|[^:;>]+):(\d+);transport=(tls|tcp|udp)>(.*)$/.exec(
      line,
    );
  if (match === null) return undefined;
  const [, displayName, scheme, user = '', host = '', port = '', transport, rest = ''] = match;
  let number: string;
  try {
    number = decodeURIComponent(user);
  } catch {
    return undefined;
  }
  return {
    number,
    displayName,
    scheme: scheme === 'sccp' ? 'sccp' : 'sip',
    server: { host: host.replace(/^\[|\]$/g, ''), port: Number(port) },
    transport: transport as Account['transport'],
    user: /;auth_user=([^;]+)/.exec(rest)?.[1],
    password: /;auth_pass=([^;]+)/.exec(rest)?.[1],
    device: /;device=([^;]+)/.exec(rest)?.[1],
  };
}

function readFile(folder: string, name: string): string {
  const path = join(folder, name);
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new PhoneError('phone.credentials-missing', `${path} cannot be read: ${(cause as Error).message}`, {
      nextStep: 'Write the credentials where the manager runs: trustline device credentials NAME --out FOLDER',
      cause,
    });
  }
}
