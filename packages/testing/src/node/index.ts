export { artefactFolder } from './artefacts.ts';
export { Baresip, type BaresipEvent, type BaresipOptions } from './baresip.ts';
export { type DnsServer, startDnsServer } from './dns-server.ts';
export { Dumpcap, missingCapture } from './dumpcap.ts';
export { eventually } from './eventually.ts';
export { Jami, type JamiOptions } from './jami.ts';
export { Kamailio, type KamailioOptions } from './kamailio.ts';
export { kamailioForPhones, kamailioForTrunks } from './kamailio-configuration.ts';
export { Lab, type PasswordDevice, type SecureDevice } from './lab.ts';
export { Linphone, type LinphoneOptions } from './linphone.ts';
export { LoadGenerator, type LoadPace, type LoadTransport, type LoadWork } from './load-generator.ts';
export { freeServerPort, freeTcpPort, freeUdpPort, portTaken } from './ports.ts';
export { type ForeignProgram, missingPrograms } from './programs.ts';
export { type ProgramResult, runProgram } from './run-program.ts';
export { runSipp, type SippOptions, type SippResult } from './sipp.ts';
export { FaultyModule, missingSoftHsm, SoftHsm, softHsmModule } from './soft-hsm.ts';
export { takeTableAway } from './taken-table.ts';
export { TlsTunnel } from './tls-tunnel.ts';
export { convertSound, toneAmplitude, toneAmplitudes, toneSeconds, toneShare, writeTone } from './tone.ts';
export { Twinkle, type TwinkleOptions } from './twinkle.ts';
export {
  type IpsecIdentity,
  makeIpsecAuthority,
  makeTwoNamespaces,
  type NamespaceEnd,
  type TwoNamespaces,
} from './two-namespaces.ts';
