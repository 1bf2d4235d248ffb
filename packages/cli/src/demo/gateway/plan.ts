import type { DemoProtocol } from '../plan.ts';

/** The gateway of the demo, its port towards a public network that is simulated, and the number that is called there. */
export const gatewayPlan = {
  name: 'gw1',
  port: '0/1',
  /** Behind the access code 0; the simulation answers it and sends back what it hears. */
  number: '493012345678',
  accessCode: '0',
} as const;

/**
 * What the run shows. `withheld`: IPsec is not there, and keys and call stay here. `clear`: the same, allowed to be clear.
 * `protected`: IPsec is proven, and the call is encrypted up to the gateway.
 */
export type GatewayScene = 'withheld' | 'clear' | 'protected';

/** Where everything is: on loopback, or in two network namespaces with a wire between. */
export interface DemoNetwork {
  /** Address at which the manager serves phones. */
  readonly phones: string;
  /** Addresses of call signalling, the manager's and the gateway's: what IPsec covers. */
  readonly manager: string;
  readonly gateway: string;
  /** Address of the gateway's media, which go beside the tunnel. */
  readonly gatewayMedia: string;
  /** The network namespace that the gateway runs in; undefined where there is one network alone. */
  readonly gatewayNamespace: string | undefined;
  /** The interface of the wire between, in the network of the manager. */
  readonly wire: string | undefined;
}

export const loopback: DemoNetwork = {
  phones: '127.0.0.1',
  manager: '127.0.0.1',
  gateway: '127.0.0.1',
  gatewayMedia: '127.0.0.1',
  gatewayNamespace: undefined,
  wire: undefined,
};

/** Addresses for documentation (RFC 5737): nobody has them. */
export const separateNetworks: Omit<DemoNetwork, 'gatewayNamespace' | 'wire'> = {
  phones: '203.0.113.1',
  manager: '198.51.100.1',
  gateway: '198.51.100.10',
  gatewayMedia: '198.51.100.11',
};

export interface GatewayDemoOptions {
  readonly protocol: DemoProtocol;
  readonly scene: GatewayScene;
  readonly network: DemoNetwork;
  readonly out: string | undefined;
  readonly say: (sentence: string) => void;
}
