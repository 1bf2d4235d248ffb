import { decodeCertificatesPem, judgeDeviceCertificate, judgeOperatorCertificate } from '@trustline/pki';
import { beforeAll, expect, test } from 'vitest';
import { makeTestCertificates, type TestCertificates, type TestIdentity } from './certificates.ts';

const device = 'SEP001122334455';
let made: TestCertificates;

beforeAll(async () => {
  made = await makeTestCertificates(Date.UTC(2026, 10, 23, 12));
});

function judge({ certificate }: TestIdentity) {
  return judgeDeviceCertificate(made.trust, [certificate.der], made.now);
}

test('the good certificates are believed for what they are', async () => {
  expect(judge(await made.device(device))).toMatchObject({ accepted: true, device, means: 'LSC' });
  const { certificate } = await made.operator('alice');
  expect(judgeOperatorCertificate(made.trust, [certificate.der], made.now)).toMatchObject({ operator: 'alice' });
});

test('those of many devices are believed, each as its own', async () => {
  const names = [device, 'SEP00112233FFFF'];
  for (const [at, pem] of (await made.devices(names)).entries()) {
    const verdict = judgeDeviceCertificate(made.trust, decodeCertificatesPem(pem), made.now);
    expect(verdict).toMatchObject({ accepted: true, device: names[at] });
  }
});

test('each bad certificate is refused for its own reason', async () => {
  expect(judge(await made.expiredDevice(device))).toMatchObject({
    code: 'expired',
    reason: 'expired yesterday (2026-11-22 12:00 UTC)',
  });
  expect(judge(await made.futureDevice(device))).toMatchObject({ code: 'not-yet-valid' });
  expect(judge(await made.strangerDevice(device))).toMatchObject({ code: 'unknown-issuer' });
  expect(judge(await made.impostorDevice(device))).toMatchObject({ code: 'bad-signature' });
  expect(judge(await made.selfSignedDevice(device))).toMatchObject({ code: 'self-signed' });
  expect(judge(await made.manufacturerInstalled(device))).toMatchObject({ code: 'proof-not-allowed' });
});
