import { type AlarmsTestedAnswer, API_SCHEMA } from '../../api/contract.ts';
import { ManagerError } from '../../error.ts';
import type { Services } from './services.ts';

/** Sends a test to everybody whom alarms reach, and says whom it reached. @throws {ManagerError} manager.no-alarms */
export async function testAlarms({ alarms, journal, configuration }: Services): Promise<AlarmsTestedAnswer> {
  await journal.event('alarm-test', { cause: 'The alarms were tested.' });
  const tests = await alarms.test();
  if (tests.length === 0) {
    throw new ManagerError('manager.no-alarms', 'Alarms go nowhere: no destination is configured.', {
      nextStep: 'Set alarms.syslog or alarms.webhook in trustline.yaml, and start again.',
    });
  }
  return { schema: API_SCHEMA, node: configuration.node, tests };
}
