/** A phone's name anywhere in the house: SEP and its MAC address. In a MIC the model may stand before it. */
const phoneName = /^(?:[A-Za-z0-9+ ./_]+-)*SEP([0-9A-F]{12})$/i;

/** Any other device: a trunk, a gateway, another softphone. SEP with too few or too many digits is a mistyped phone. */
const otherName = /^(?!sep[0-9a-f]*$)[A-Za-z][A-Za-z0-9._-]{0,63}$/i;

/** RFC 5280 §A.1 ub-common-name. */
const MAX_COMMON_NAME = 64;

/** The phone that a common name speaks of (`CP-8861-SEP001122334455` → `SEP001122334455`), or undefined. */
export function phoneNameOf(commonName: string): string | undefined {
  if (commonName.length > MAX_COMMON_NAME) return undefined;
  const address = phoneName.exec(commonName)?.[1];
  return address === undefined ? undefined : `SEP${address.toUpperCase()}`;
}

/** The device that a common name speaks of, or undefined. Two devices never share one name. */
export function deviceNameOf(commonName: string): string | undefined {
  return phoneNameOf(commonName) ?? (otherName.test(commonName) ? commonName : undefined);
}

/** True for a name that a certificate can carry and that reads back as itself. */
export function isDeviceName(name: string): boolean {
  return deviceNameOf(name) === name;
}
