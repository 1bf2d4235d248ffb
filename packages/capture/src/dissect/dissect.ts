import type { Dissection } from './dissection.ts';
import { homerEncapsulation } from './hep.ts';
import { internetLayer } from './internet-layer.ts';
import { ethernet, linkLayer, multiprotocolLabels, type NextLayer } from './link-layer.ts';
import { transportLayer } from './transport-layer.ts';

/** Layers within each other, tunnels included. */
const MAXIMUM_LAYERS = 32;

/**
 * Takes a frame of the given link type apart, through whatever it is wrapped in, down to UDP, TCP or another protocol of IP. It
 * is all of `bytes`, or stands among them.
 */
export function dissect(
  linkType: number,
  bytes: Uint8Array,
  into: Dissection,
  from = 0,
  to: number = bytes.byteLength,
): void {
  into.begin(bytes, from, to);
  run(linkLayer(linkType, into), into);
}

/** The same for the payload of an IP packet that was put together again; its addresses are those of `into` still. */
export function dissectTransport(into: Dissection): void {
  into.kind = 'cut';
  run('transport', into);
}

function run(first: NextLayer, into: Dissection): void {
  let next = first;
  for (let layers = 0; next !== 'done'; layers++) {
    if (layers === MAXIMUM_LAYERS) {
      into.kind = 'too-deep';
      return;
    }
    switch (next) {
      case 'ethernet':
        next = ethernet(into);
        break;
      case 'internet':
        next = internetLayer(into);
        break;
      case 'transport':
        next = transportLayer(into);
        break;
      case 'mpls':
        next = multiprotocolLabels(into);
        break;
      case 'hep':
        next = homerEncapsulation(into);
        break;
    }
  }
}
