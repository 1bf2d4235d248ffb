/**
 * Who may do what through the HTTP interface. The owner of the local socket may do everything; whoever comes from
 * elsewhere holds one role.
 *
 * Duties are separate: an operator runs phones and cannot decide what is trusted, a trust officer decides that and
 * runs no phones; both see what a viewer sees.
 */
export const operatorRoles = ['viewer', 'operator', 'trust-officer'] as const;
export type OperatorRole = (typeof operatorRoles)[number];

/**
 * The role that every operation needs, by method and path. One that is not here is for the local socket's owner
 * alone, and a test fails: a new route needs a line.
 */
export const neededRoles: Readonly<Record<string, OperatorRole>> = {
  'GET /status': 'viewer',
  'GET /devices': 'viewer',
  'POST /devices': 'operator',
  'DELETE /devices/:name': 'operator',
  'POST /devices/:name/credentials': 'operator',
  'POST /devices/:name/reset': 'operator',
  'GET /gateways': 'viewer',
  'POST /gateways': 'operator',
  'GET /gateways/:name': 'viewer',
  'GET /lines': 'viewer',
  'POST /lines/:number/forwarding': 'operator',
  'POST /lines/:number/limits': 'operator',
  'POST /lines/:number/messages': 'operator',
  'POST /devices/:name/pin': 'trust-officer',
  'POST /devices/:name/enrolment': 'operator',
  'DELETE /devices/:name/enrolment': 'operator',
  'POST /devices/:name/enrolment/unlock': 'operator',
  'POST /devices/:name/manufacture': 'trust-officer',
  'GET /enrolments': 'viewer',
  'GET /capf/requests': 'viewer',
  'POST /capf/certificates': 'operator',
  'GET /calls/messages': 'viewer',
  'GET /calls/:call': 'viewer',
  'POST /devices/:name/messages': 'operator',
  'POST /devices/:name/messages/decrypted': 'trust-officer',
  'GET /trust': 'viewer',
  'GET /trust/servers': 'viewer',
  'GET /trust/lists/:number': 'viewer',
  'POST /trust/lists': 'trust-officer',
  'POST /trust/itl': 'trust-officer',
  'GET /trust/wave': 'viewer',
  'POST /trust/wave/complete': 'trust-officer',
  'GET /calls': 'viewer',
  'GET /events': 'viewer',
  'GET /records/export': 'viewer',
  'GET /records/head': 'viewer',
  'POST /records/erase': 'operator',
  'GET /pki': 'viewer',
  'POST /pki/requests': 'trust-officer',
  'POST /pki/certificates': 'trust-officer',
  'POST /pki/renewals': 'trust-officer',
  'GET /pki/revocation/:role': 'viewer',
  'POST /pki/revocation': 'trust-officer',
  'POST /pki/revoked': 'trust-officer',
  'GET /pki/manufacturers': 'viewer',
  'POST /pki/manufacturers': 'trust-officer',
  'POST /pki/manufacturers/renewals': 'trust-officer',
  'POST /pki/manufacturers/removals': 'trust-officer',
  'GET /pki/lsc-authorities': 'viewer',
  'POST /pki/lsc-authorities': 'trust-officer',
  'DELETE /pki/lsc-authorities/:fingerprint': 'trust-officer',
  'POST /tokens/certificates': 'trust-officer',
  'GET /operators': 'viewer',
  'POST /operators': 'trust-officer',
  'DELETE /operators/:name': 'trust-officer',
  'GET /ipsec': 'viewer',
  'GET /ipsec/:gateway': 'viewer',
  'POST /ipsec/:gateway/check': 'operator',
  'POST /ipsec/:gateway/certificates': 'trust-officer',
  'POST /alarms/test': 'operator',
  'POST /backup': 'trust-officer',
  'GET /configuration': 'viewer',
  'POST /drain': 'operator',
};

/** True when whoever holds `held` may do what needs `needed`. */
export function mayUse(held: OperatorRole, needed: OperatorRole): boolean {
  return needed === 'viewer' || held === needed;
}

/** Who asks. */
export type Actor =
  | {
      readonly kind: 'local';
      /** `root (uid 0)`. */
      readonly user: string;
    }
  | { readonly kind: 'operator'; readonly name: string; readonly role: OperatorRole | undefined };

/** Whoever asks, as events say it: `operator ada`, `local user root (uid 0)`. */
export function actorText(actor: Actor): string {
  return actor.kind === 'local' ? `local user ${actor.user}` : `operator ${actor.name}`;
}
