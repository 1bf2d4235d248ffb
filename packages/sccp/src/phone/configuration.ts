import type { KnownMessage } from '../messages/catalogue.ts';
import { ButtonType } from '../values/registration.ts';
import type { PhoneConfiguration } from './events.ts';

/**
 * What a phone asks about itself when it registers, one question after the other, and what it learns. A manager may
 * answer in several messages: the question is answered with the last of them.
 */
export class ConfigurationQuestions {
  readonly #questions: KnownMessage[] = [
    { kind: 'ButtonTemplateReq' },
    { kind: 'SoftKeyTemplateReq' },
    { kind: 'SoftKeySetReq' },
  ];
  readonly #buttons: { type: number; instance: number }[] = [];
  readonly #lines = new Map<number, { number: string; displayName: string; label: string }>();
  readonly #speedDials = new Map<number, { number: string; label: string }>();
  readonly #features = new Map<number, { type: number; label: string; status: number }>();
  readonly #services = new Map<number, { url: string; label: string }>();
  readonly #softKeys: { label: string; event: number }[] = [];
  readonly #softKeySets: (readonly number[])[] = [];

  /** The next question; undefined when all are answered. */
  next(): KnownMessage | undefined {
    return this.#questions.shift();
  }

  get learned(): PhoneConfiguration {
    return {
      buttons: this.#buttons,
      lines: this.#lines,
      speedDials: this.#speedDials,
      features: this.#features,
      services: this.#services,
      softKeys: this.#softKeys,
      softKeySets: this.#softKeySets,
    };
  }

  /** Whether a message answers a question, and whether it is the last that does. */
  learn(message: KnownMessage): 'answered' | 'more-comes' | 'no-answer' {
    switch (message.kind) {
      case 'ButtonTemplateRes':
        for (const { buttonDefinition: type, instanceNumber: instance } of message.definition) {
          this.#buttons.push({ type, instance });
          this.#askAbout(type, instance);
        }
        return isLast(message.buttonOffset, message.definition.length, message.totalButtonCount);
      case 'SoftKeyTemplateRes':
        for (const { softKeyLabel: label, softKeyEvent: event } of message.definition) {
          this.#softKeys.push({ label, event });
        }
        return isLast(message.softKeyOffset, message.definition.length, message.totalSoftKeyCount);
      case 'SoftKeySetRes':
        for (const { softKeyTemplateIndex } of message.definition) {
          this.#softKeySets.push(softKeyTemplateIndex);
        }
        return isLast(message.softKeySetOffset, message.definition.length, message.totalSoftKeySetCount);
      default:
        return this.#learnStatus(message);
    }
  }

  /** What stands on one key; a manager may also say it later, unasked. */
  #learnStatus(message: KnownMessage): 'answered' | 'no-answer' {
    switch (message.kind) {
      case 'LineStatRes':
      case 'LineStatV2Res':
        this.#lines.set(message.lineNumber, {
          number: message.lineDirNumber,
          displayName: message.lineFullyQualifiedDisplayName,
          label: message.lineTextLabel,
        });
        return 'answered';
      case 'SpeedDialStatRes':
      case 'SpeedDialStatV2Res':
        this.#speedDials.set(message.speedDialNumber, {
          number: message.speedDialDirNumber,
          label: message.speedDialDisplayName,
        });
        return 'answered';
      case 'FeatureStatRes':
      case 'FeatureStatV2Res':
        this.#features.set(message.featureIndex, {
          type: message.featureID,
          label: message.featureTextLabel,
          status: message.featureStatus,
        });
        return 'answered';
      case 'ServiceURLStatRes':
      case 'ServiceURLStatV2Res':
        this.#services.set(message.serviceURLIndex, { url: message.serviceURL, label: message.serviceURLDisplayName });
        return 'answered';
      case 'ForwardStatRes':
        return 'answered';
      default:
        return 'no-answer';
    }
  }

  #askAbout(type: number, instance: number): void {
    if (type === ButtonType.Line) {
      this.#questions.push(
        { kind: 'LineStatReq', lineNumber: instance },
        { kind: 'ForwardStatReq', lineNumber: instance },
      );
    } else if (type === ButtonType.SpeedDial) {
      this.#questions.push({ kind: 'SpeedDialStatReq', speedDialNumber: instance });
    } else if (type === ButtonType.ServiceURL) {
      this.#questions.push({ kind: 'ServiceURLStatReq', serviceURLIndex: instance });
    } else if (type === ButtonType.Feature || type === ButtonType.BusyLampFieldSpeeddial) {
      this.#questions.push({ kind: 'FeatureStatReq', featureIndex: instance, featureCapabilities: 1 });
    }
  }
}

function isLast(offset: number, count: number, total: number): 'answered' | 'more-comes' {
  return count === 0 || offset + count >= total ? 'answered' : 'more-comes';
}
