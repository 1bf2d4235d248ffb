/** To whom octets lay open, by what the capture itself shows. */
export type Exposure =
  /** To everybody who captures: they crossed the network as they are. */
  | { readonly kind: 'clear' }
  /** To everybody, though within TLS: its suite encrypts nothing. `connection` numbers the secure connection of the report. */
  | { readonly kind: 'null-cipher'; readonly connection: number }
  /** To who has the key that the auditor gave. */
  | { readonly kind: 'given-key'; readonly connection: number };

export const clear: Exposure = { kind: 'clear' };

/** Whether an eavesdropper without any key reads it. */
export function isOpen({ kind }: Exposure): boolean {
  return kind !== 'given-key';
}
