/** Roles (FUNCTION) that have a name. 5 is known from one old tool only; 7 was once called HTTPS. */
export const trustRoles = {
  SAST: 0,
  CCM: 1,
  'CCM+TFTP': 2,
  TFTP: 3,
  CAPF: 4,
  SRST: 5,
  'APP-SERVER': 7,
  TVS: 21,
} as const;

export type TrustRole = keyof typeof trustRoles;

/** Every named role. */
export const trustRoleNames = Object.keys(trustRoles) as readonly TrustRole[];

/** `CCM+TFTP`, or `role 99` for a number without a name. */
export function describeRole(role: number): string {
  return trustRoleNames.find((name) => trustRoles[name] === role) ?? `role ${role}`;
}

/** What a server does for a phone. One record with the role CCM+TFTP answers for two of them. */
export type TrustService = Exclude<TrustRole, 'CCM+TFTP'>;

/** The numbers of the roles by which a certificate may stand for a service. */
export function rolesForService(service: TrustService): readonly number[] {
  const both = service === 'CCM' || service === 'TFTP' ? [trustRoles['CCM+TFTP']] : [];
  return [trustRoles[service], ...both];
}
