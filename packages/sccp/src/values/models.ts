import { DeviceType } from './device-types.ts';

/** Keys beside the display of a phone, which may be lines, speed dials or services. */
export interface ModelKeys {
  /** Of the phone itself. */
  readonly own: number;
  /** It takes expansion modules with further keys, which it does not speak of when it registers. */
  readonly takesModules: boolean;
}

const keys = (own: number): ModelKeys => ({ own, takesModules: false });
const keysAndModules = (own: number): ModelKeys => ({ own, takesModules: true });

/** From the templates of CHSCCP [C], unless marked. What else is known of each model is in docs/skinny.md. */
const keysOfModels: Readonly<Partial<Record<keyof typeof DeviceType, ModelKeys>>> = {
  Cisco7902: keys(1),
  Cisco7905: keys(1),
  Cisco7906: keys(1),
  Cisco7910: keys(1),
  Cisco7911: keys(1),
  Cisco7912: keys(1),
  Cisco7920: keys(6),
  Cisco7921: keys(6),
  Cisco7925: keys(6),
  Cisco7931: keys(20),
  Cisco7935: keys(2),
  Cisco7936: keys(2),
  Cisco7937: keys(2),
  Cisco7940: keys(2),
  Cisco7941G: keys(2),
  Cisco7941GE: keys(2),
  Cisco7942: keys(2),
  Cisco7945: keys(2),
  Cisco7960: keysAndModules(6),
  Cisco7961G: keysAndModules(6),
  Cisco7961GE: keysAndModules(6),
  Cisco7962: keysAndModules(6),
  Cisco7965: keysAndModules(6),
  Cisco7970: keysAndModules(8),
  Cisco7971: keysAndModules(8),
  Cisco7975: keysAndModules(8),
  Cisco6901: keys(1),
  Cisco6911: keys(1),
  Cisco6921: keys(2),
  Cisco6941: keys(4), // [I: as many as are on the phone]
  Cisco6945: keys(4), // [I]
  Cisco6961: keys(12), // [I]
  Cisco8941: keys(4),
  Cisco8945: keys(4),
  CiscoIPCommunicator: keys(8),
  CiscoSPA525G2: keys(8),
  StationATA186: keys(1),
  StationATA188: keys(1),
};

const byType: ReadonlyMap<number, ModelKeys> = new Map(
  (Object.entries(keysOfModels) as [keyof typeof DeviceType, ModelKeys][]).map(([name, has]) => [
    DeviceType[name],
    has,
  ]),
);

/** The keys of a `DeviceType`; undefined for one of which nobody says how many it has. */
export function keysOfModel(type: number): ModelKeys | undefined {
  return byType.get(type);
}
