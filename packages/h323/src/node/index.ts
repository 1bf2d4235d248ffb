export { H323Driver, type H323DriverOptions } from './h323-driver.ts';
export {
  defaultH323SocketLimits,
  type GatewayProtection,
  type H323SocketLimits,
  H323Sockets,
  type H323SocketsPorts,
  type Turned,
} from './h323-sockets.ts';
