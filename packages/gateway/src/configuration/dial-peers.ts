import type { DialPeer, Side } from '../dial-peers/dial-plan.ts';
import { DestinationPattern } from '../numbers/destination-pattern.ts';
import type { Rewriting } from '../numbers/rewriting.ts';
import type { GatewayConfiguration } from './schema.ts';

type ConfiguredPeer = GatewayConfiguration['dialPeers'][number];

/** The dial peers of a document. */
export function dialPeersOf({ dialPeers }: GatewayConfiguration): DialPeer[] {
  return dialPeers.flatMap((peer) => {
    const pattern = DestinationPattern.read(peer.pattern);
    if (pattern === undefined) return []; // the schema let none through
    return [
      {
        ...peer,
        pattern,
        to: sideOf(peer.to),
        from: peer.from.map(sideOf),
        called: rewritingOf(peer.called),
        calling: rewritingOf(peer.calling),
      },
    ];
  });
}

function sideOf({ h323, port, trunk }: ConfiguredPeer['to']): Side {
  if (h323 !== undefined) return { kind: 'h323', name: h323 };
  return port === undefined ? { kind: 'trunk', name: trunk ?? '' } : { kind: 'port', name: port };
}

function rewritingOf({ strip, prefix, translate }: ConfiguredPeer['called']): Rewriting {
  return { strip, prefix, translate: translate.map(({ from, to }) => ({ from: new RegExp(from), to })) };
}
