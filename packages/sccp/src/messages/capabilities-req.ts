import { message } from '../layout/message.ts';

/** CapabilitiesReq (0x009B), manager to phone: which codecs does the phone have? */
export const capabilitiesReq = message('CapabilitiesReq', 0x009b, 'manager', []);
