import { type IkeAssociation, readAssociations } from './association.ts';
import { type ViciFields, viciMessage } from './vici/message.ts';

/** What strongSwan 5.9.8 says of a tunnel between 10.98.0.1 and 10.98.0.2, with changes to both of its levels. */
export function associations(ike: ViciFields = {}, child: ViciFields = {}): readonly IkeAssociation[] {
  return readAssociations(
    viciMessage({
      gw1: {
        uniqueid: 1,
        version: 2,
        state: 'ESTABLISHED',
        'local-host': '10.98.0.1',
        'local-port': 4500,
        'local-id': 'manager.example',
        'remote-host': '10.98.0.2',
        'remote-port': 4500,
        'remote-id': 'gw1.example',
        'encr-alg': 'AES_GCM_16',
        'encr-keysize': 256,
        'prf-alg': 'PRF_HMAC_SHA2_384',
        'dh-group': 'ECP_384',
        established: 12,
        ...ike,
        'child-sas': {
          'signalling-2': {
            name: 'signalling',
            uniqueid: 2,
            state: 'INSTALLED',
            mode: 'TUNNEL',
            protocol: 'ESP',
            encap: true,
            'spi-in': '784e9bd9',
            'spi-out': 'cce4c6ba',
            'encr-alg': 'AES_GCM_16',
            'encr-keysize': 256,
            'bytes-in': 4_000,
            'bytes-out': 5_000,
            'packets-in': 40,
            'packets-out': 50,
            'rekey-time': 3_300,
            'local-ts': ['10.98.0.1/32'],
            'remote-ts': ['10.98.0.2/32'],
            ...child,
          },
        },
      },
    }),
  );
}
