import { BusyLampStatus, ButtonType, type PhoneConfiguration } from '@trustline/sccp';

/** What a key of the phone is for, as its manager has configured it. */
export interface PhoneKey {
  /** Its place, from 1. */
  readonly key: number;
  readonly use: 'line' | 'speed-dial' | 'busy-lamp' | 'page' | 'other';
  readonly label: string;
  /** Of a line or a speed dial; a key with a busy lamp is told its label alone. */
  readonly number: string | undefined;
  /** What whoever is behind the busy lamp does; undefined for a key without, or where it is not told. */
  readonly lamp: PhoneLamp | undefined;
}

export type PhoneLamp = 'idle' | 'in-use' | 'do-not-disturb' | 'rings';

const lamps: Readonly<Record<number, PhoneLamp>> = {
  [BusyLampStatus.Idle]: 'idle',
  [BusyLampStatus.InUse]: 'in-use',
  [BusyLampStatus.DoNotDisturb]: 'do-not-disturb',
  [BusyLampStatus.Alerting]: 'rings',
};

/** The keys of a phone from top to bottom, those that are for nothing left out. */
export function keysOf({ buttons, lines, speedDials, features, services }: PhoneConfiguration): readonly PhoneKey[] {
  return buttons.flatMap(({ type, instance }, at): PhoneKey[] => {
    const key = { key: at + 1, label: '', number: undefined, lamp: undefined };
    switch (type) {
      case ButtonType.Undefined:
      case ButtonType.Unused:
        return [];
      case ButtonType.Line:
        return [{ ...key, use: 'line', ...labelled(lines.get(instance)) }];
      case ButtonType.SpeedDial:
        return [{ ...key, use: 'speed-dial', ...labelled(speedDials.get(instance)) }];
      case ButtonType.BusyLampFieldSpeeddial: {
        const { label = '', status = 0 } = features.get(instance) ?? {};
        return [{ ...key, use: 'busy-lamp', label, lamp: lamps[status] }];
      }
      case ButtonType.ServiceURL:
        return [{ ...key, use: 'page', label: services.get(instance)?.label ?? '' }];
      default:
        return [{ ...key, use: 'other' }];
    }
  });
}

function labelled(told: { readonly number: string; readonly label: string } | undefined) {
  return { number: told?.number, label: told?.label ?? '' };
}
