import { ManagerError } from '../../error.ts';

/** Where a manager is asked: its local socket, or HTTPS with an operator's certificate. */
export type ApiTarget =
  | { readonly kind: 'socket'; readonly path: string }
  | {
      readonly kind: 'https';
      /** `https://192.0.2.1:5443` */
      readonly url: string;
      /** All PEM. */
      readonly certificate: string;
      readonly privateKey: string;
      readonly trustBundle: string;
    };

/** OpenSSL's codes for a chain that ends at none of the trust bundle. */
const unknownIssuer: readonly (string | undefined)[] = [
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];

/** What it means that a request was not answered. */
export function unanswered(target: ApiTarget, cause: NodeJS.ErrnoException): ManagerError {
  return target.kind === 'socket' ? unansweredSocket(target.path, cause) : unansweredHttps(target.url, cause);
}

function unansweredSocket(path: string, cause: NodeJS.ErrnoException): ManagerError {
  // The socket outlives a manager that was killed, and is there anew a moment after its start.
  if (cause.code === 'ECONNREFUSED') {
    return new ManagerError(
      'manager.not-running',
      `No manager answers at ${path}: it starts at the moment, or has ended.`,
      {
        nextStep:
          'See whether it runs: systemctl status trustline, or ps -C node. If so, ask again in a moment; if not, start it: npm start (or ./trustline start)',
        cause,
      },
    );
  }
  if (cause.code === 'ENOENT') {
    return new ManagerError('manager.not-running', `No manager is running on this data folder (${path}).`, {
      nextStep: 'Start one with: npm start (or ./trustline start); for another data folder, add --data FOLDER.',
      cause,
    });
  }
  return new ManagerError('manager.api-unreachable', `The manager at ${path} cannot be reached: ${cause.message}`, {
    nextStep: 'Run this as the user who started the manager.',
    cause,
  });
}

function unansweredHttps(url: string, cause: NodeJS.ErrnoException): ManagerError {
  // So a manager refuses a certificate, without a word in TLS that would help a stranger.
  if (cause.code === 'ECONNRESET' || cause.code === 'EPIPE') {
    return new ManagerError('manager.api-unreachable', `The manager at ${url} closed the connection unanswered.`, {
      nextStep:
        'It does so when it does not believe the certificate: of an operator who was removed, of another cluster, or expired. ' +
        'Whoever is listed by trustline operator list where it runs may use it; a trust officer gives another: trustline operator add NAME --role ROLE --out FOLDER',
      cause,
    });
  }
  if (unknownIssuer.includes(cause.code)) {
    return new ManagerError(
      'manager.api-untrusted',
      `${url} answers with a certificate that the trust bundle does not vouch for; nothing was asked of it.`,
      {
        nextStep:
          'Give with --trust the trust.pem that trustline operator add wrote beside your certificate. If you did, another cluster answers there, or somebody in between.',
        cause,
      },
    );
  }
  if (cause.code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return new ManagerError(
      'manager.api-untrusted',
      `${url} answers with a certificate of other names. ${cause.message}`,
      {
        nextStep: 'Give with --manager one of the names or addresses that the certificate holds.',
        cause,
      },
    );
  }
  return new ManagerError('manager.api-unreachable', `The manager at ${url} cannot be reached: ${cause.message}`, {
    nextStep: 'Check the address and port, and that the manager listens there: api.https in its configuration.',
    cause,
  });
}
