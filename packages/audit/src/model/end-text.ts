import type { TransportAddress } from '@trustline/capture';

/** Address and port as reports write them: `192.0.2.1:5060`, `[2001:db8::1]:5060`. */
export function endText({ address, port }: TransportAddress): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
