import { message } from '../layout/message.ts';

/** VersionReq (0x000F), phone to manager: which firmware should I have? */
export const versionReq = message('VersionReq', 0x000f, 'phone', []);
