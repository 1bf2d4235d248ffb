import {
  type Certificate,
  type ClusterSecurityMode,
  type RecordRequest,
  type TrustList,
  trustRoles,
} from '@trustline/pki';

/** The servers of this node as phones meet them: the certificate that each shows, and where it is. */
export interface ListedServers {
  /** Name by which phones reach the node; it stands in every record of it. */
  readonly hostName: string;
  /** Dotted IPv4, where there is one. */
  readonly ipAddress: string | undefined;
  /** What the SIP listeners show: RSA, ECDSA. Here and below staged renewals follow what is shown. */
  readonly callManager: readonly Certificate[];
  readonly tftp: readonly Certificate[];
  readonly capf: readonly Certificate[];
  readonly tvs: readonly Certificate[];
}

/**
 * The records of a CTL. In mixed mode every server stands there with its certificate; in a non-secure cluster the call
 * manager and TFTP are left as a record without one, by which phones register without TLS, and CAPF keeps its own
 * (cisco-phones §1.3). TVS keeps its own too, which is our choice: a phone whose first list this is has no other way to
 * believe who signed the ITL. Tokens come first.
 *
 * The manufacturing authorities stand under CAPF, the role of who vouches for phones: no document names theirs, and
 * no phone connects to one by it, for none of them is what a server shows.
 */
export function ctlRecords(
  servers: ListedServers,
  tokens: readonly Certificate[],
  manufacturing: readonly Certificate[],
  mode: ClusterSecurityMode,
): readonly RecordRequest[] {
  const place = placeOf(servers);
  const holders = tokens.map((certificate) => ({ role: 'SAST', dnsName: '', certificate }) as const);
  const signalling =
    mode === 'non-secure'
      ? [{ role: 'CCM+TFTP', ...place } as const]
      : [
          ...servers.callManager.map((certificate) => ({ role: 'CCM', certificate, ...place }) as const),
          ...servers.tftp.map((certificate) => ({ role: 'TFTP', certificate, ...place }) as const),
        ];
  return [
    ...holders,
    ...signalling,
    ...servers.capf.map((certificate) => ({ role: 'CAPF', certificate, ...place }) as const),
    ...servers.tvs.map((certificate) => ({ role: 'TVS', certificate, ...place }) as const),
    ...manufacturing.map((certificate) => ({ role: 'CAPF', dnsName: '', certificate }) as const),
  ];
}

/**
 * The records of an ITL, which the cluster signs itself with its TFTP identity: what a phone needs before, and without,
 * a CTL (cisco-phones §1.5). The signer stands there twice, as who signs lists and as who signs files.
 */
export function itlRecords(servers: ListedServers, signer: Certificate): readonly RecordRequest[] {
  const place = placeOf(servers);
  return [
    { role: 'SAST', certificate: signer, ...place },
    ...servers.tftp.map((certificate) => ({ role: 'TFTP', certificate, ...place }) as const),
    ...servers.tvs.map((certificate) => ({ role: 'TVS', certificate, ...place }) as const),
    ...servers.capf.map((certificate) => ({ role: 'CAPF', certificate, ...place }) as const),
  ];
}

function placeOf({ hostName, ipAddress }: ListedServers): { readonly dnsName: string; readonly ipAddress?: string } {
  return ipAddress === undefined ? { dnsName: hostName } : { dnsName: hostName, ipAddress };
}

/** True when a list has these records and no others, in whatever order: there is nothing to sign anew. */
export function saysTheSame({ records }: TrustList, wanted: readonly RecordRequest[]): boolean {
  const listed = records.map((one) => [one.role, one.dnsName ?? '', one.ipAddress ?? '', textOf(one.certificate)]);
  const asked = wanted.map(({ role, dnsName, ipAddress, certificate }) => [
    typeof role === 'number' ? role : trustRoles[role],
    dnsName ?? '',
    ipAddress ?? '',
    textOf(certificate?.der),
  ]);
  const sorted = (all: readonly unknown[][]) => all.map((one) => JSON.stringify(one)).sort();
  return JSON.stringify(sorted(listed)) === JSON.stringify(sorted(asked));
}

function textOf(octets: Uint8Array | undefined): string {
  return (octets ?? []).join(' ');
}
