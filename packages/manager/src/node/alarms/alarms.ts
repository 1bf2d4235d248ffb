import { EVENT_SCHEMA, eventKinds, type SecurityEvent, type Severity } from '@trustline/evidence';
import { DeliveryQueue } from '../../alarms/delivery-queue.ts';
import type { Configuration } from '../../configuration/schema.ts';
import type { ManagerContext, ManagerPart } from '../parts.ts';
import type { Destination } from './destination.ts';
import { syslogDestination } from './syslog.ts';
import { webhookDestination } from './webhook.ts';

const limits = { items: 1_000, firstPause: 1_000, longestPause: 300_000 } as const;

const order: readonly Severity[] = ['info', 'notice', 'warning', 'alert'];

/** What became of a test at one destination. */
export interface AlarmTest {
  readonly destination: string;
  /** Why it could not be delivered; null when it was. */
  readonly failure: string | null;
}

export interface Alarms extends ManagerPart {
  /** Sends a test to every destination, at once and one time. */
  test(): Promise<readonly AlarmTest[]>;
}

/**
 * Brings alarms to people: a reader of the stream of events, which never makes the manager wait. What cannot be
 * delivered is tried again with growing pauses; that it cannot is an event, and the log says why.
 *
 * @param base folder that the paths of the configuration are relative to
 */
export function createAlarms({ configuration, journal, clock, log }: ManagerContext, base: string): Alarms {
  const destinations = destinationsOf(configuration.alarms, base);
  const couriers = destinations.map((destination) => {
    const queue = new DeliveryQueue<SecurityEvent>(limits);
    let timer: NodeJS.Timeout | undefined;
    const go = () => {
      clearTimeout(timer);
      const event = queue.poll(clock.monotonic());
      if (event === undefined) {
        const wait = queue.nextDeadline() - clock.monotonic();
        if (Number.isFinite(wait)) timer = setTimeout(go, Math.max(1, wait)).unref();
        return;
      }
      destination.deliver(event).then(
        () => {
          const lost = queue.delivered();
          if (lost > 0) log.warn(`${lost} alarms for ${destination.name} were lost while it was away.`);
          go();
        },
        (error: Error) => {
          if (queue.failed(clock.monotonic())) undelivered(destination, error);
          go();
        },
      );
    };
    return {
      add(event: SecurityEvent) {
        queue.add(event);
        go();
      },
      stop() {
        clearTimeout(timer);
        destination.close();
      },
    };
  });

  function undelivered(destination: Destination, error: Error): void {
    const cause = `Alarms cannot be delivered to ${destination.name}: ${error.message}. They are kept and tried again.`;
    log.warn(cause);
    const nextStep = 'Check alarms in trustline.yaml, then: trustline alarms test';
    void journal.event('alarm-undelivered', { cause, nextStep });
  }

  let unsubscribe = () => {};
  return {
    async start() {
      unsubscribe = journal.subscribe(({ content }) => {
        if (content.kind !== 'event' || !isAlarm(content.event, configuration.alarms)) return;
        for (const courier of couriers) courier.add(content.event);
      });
    },
    async stop() {
      unsubscribe();
      for (const courier of couriers) courier.stop();
    },
    test: () =>
      Promise.all(
        destinations.map(async (destination) => {
          const event: SecurityEvent = {
            kind: 'alarm-test',
            severity: eventKinds['alarm-test'].severity,
            schema: EVENT_SCHEMA,
            at: new Date(clock.now()).toISOString(),
            node: configuration.node,
            cause: 'This is a test of the alarms; nothing has happened.',
          };
          const failure = await destination.deliver(event).then(
            () => null,
            (error: Error) => error.message,
          );
          return { destination: destination.name, failure };
        }),
      ),
  };
}

function destinationsOf({ syslog, webhook }: Configuration['alarms'], base: string): readonly Destination[] {
  return [
    ...(syslog === undefined ? [] : [syslogDestination(syslog, base)]),
    ...(webhook === undefined ? [] : [webhookDestination(webhook, base)]),
  ];
}

function isAlarm({ kind, severity }: SecurityEvent, { minimumSeverity, events }: Configuration['alarms']): boolean {
  return events.includes(kind) || order.indexOf(severity) >= order.indexOf(minimumSeverity);
}
