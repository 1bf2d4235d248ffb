export { artefactFolder } from './artefacts.ts';
export { Baresip, type BaresipEvent, type BaresipOptions } from './baresip.ts';
export { Dumpcap, missingCapture } from './dumpcap.ts';
export { eventually } from './eventually.ts';
export { Lab, type PasswordDevice, type SecureDevice } from './lab.ts';
export { freeTcpPort, freeUdpPort } from './ports.ts';
export { type ForeignProgram, missingPrograms } from './programs.ts';
export { runSipp, type SippOptions, type SippResult } from './sipp.ts';
export { toneSeconds, toneShare, writeTone } from './tone.ts';
