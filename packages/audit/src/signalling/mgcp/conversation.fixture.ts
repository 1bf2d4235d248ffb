import type { TransportAddress } from '@trustline/capture';

export const agent: TransportAddress = { address: '192.0.2.1', port: 2727 };
export const first: TransportAddress = { address: '192.0.2.11', port: 2427 };
export const second: TransportAddress = { address: '192.0.2.12', port: 2427 };

/** Lines as they go over the network. */
export function wire(text: string): Uint8Array {
  return new TextEncoder().encode(`${text.trim().split('\n').join('\r\n')}\r\n`);
}

/** A session description behind the parameters of a message. */
export const description = (address: string, port: number, more = '') => `
v=0
o=- 25678 753849 IN IP4 ${address}
s=-
c=IN IP4 ${address}
t=0 0
m=audio ${port} RTP/AVP 0${more}`;

interface Said {
  readonly from: TransportAddress;
  readonly to: TransportAddress;
  readonly text: string;
}

const says = (from: TransportAddress, to: TransportAddress, text: string): Said => ({ from, to, text });
const call = 'C: A3C47F21456789F0';
const [near, far] = [description('192.0.2.11', 3456), description('192.0.2.12', 1297)];

/** A call between two gateways of an agent, much as RFC 3435 §F has it, with digits of its caller before and within. */
export const conversation: readonly Said[] = [
  says(first, agent, 'NTFY 2002 aaln/1@gw1.example MGCP 1.0\nX: 0123456789AC\nO: L/hd'),
  says(agent, first, '200 2002 OK'),
  says(first, agent, 'NTFY 2003 aaln/1@gw1.example MGCP 1.0\nX: 0123456789AD\nO: D/5,D/5, D/1,D/2,D/T'),
  says(agent, first, `CRCX 1204 aaln/1@gw1.example MGCP 1.0\n${call}\nL: p:10, a:PCMU\nM: recvonly`),
  says(first, agent, `200 1204 OK\nI: FDE234C8\n${near}`),
  says(agent, second, `CRCX 1205 aaln/1@gw2.example MGCP 1.0\n${call}\nL: p:10, a:PCMU\nM: sendrecv\n${near}`),
  says(second, agent, `200 1205 OK\nI: 32F345E2\n${far}`),
  says(
    agent,
    second,
    'RQNT 1206 aaln/1@gw2.example MGCP 1.0\nX: 1\nR: L/hd\nS: L/rg, L/ci(10/14/17/26,5550001,"Alice, Ms")',
  ),
  says(agent, first, `MDCX 1209 aaln/1@gw1.example MGCP 1.0\n${call}\nI: FDE234C8\nM: sendrecv\n${far}`),
  says(first, agent, '200 1209 OK'),
  says(first, agent, 'NTFY 2010 aaln/1@gw1.example MGCP 1.0\nX: 2\nO: D/4,D/2'),
  says(agent, first, `DLCX 1210 aaln/1@gw1.example MGCP 1.0\n${call}\nI: FDE234C8`),
  says(first, agent, '250 1210 OK\nP: PS=1245, OS=62345'),
];
