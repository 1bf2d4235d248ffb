import { expect, test } from 'vitest';
import { nextCommands } from './next-commands.ts';

const same = ' --config voice.yaml';

test('a lab is shown how to try it', () => {
  const said = nextCommands({ clusterKind: 'lab', noKeysBecause: null }, same);
  expect(said).toContain('./trustline demo\n');
  expect(said).toContain(`./trustline device credentials SEP001122334455 --out phone-1001${same}\n`);
});

test('a production cluster without a CTL is shown the way to its tokens and to mixed mode', () => {
  const said = nextCommands({ clusterKind: 'production', noKeysBecause: 'no CTL is published' }, same);
  expect(said).toMatch(/trustline token init .*--config voice.yaml .*\n.*trustline ctl create --config voice.yaml /);
  expect(said).not.toMatch(/demo|device credentials/);
});

test('a production cluster in mixed mode is shown the way to its phones', () => {
  const said = nextCommands({ clusterKind: 'production', noKeysBecause: null }, same);
  expect(said).toMatch(/trust status.*\n.*device add.*\n.*enrolment open.*\n.*backup/);
  expect(said).not.toMatch(/demo|token init/);
});
