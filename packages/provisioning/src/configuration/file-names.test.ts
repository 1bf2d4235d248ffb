import { expect, test } from 'vitest';
import { ConfigurationError } from './error.ts';
import { phoneFileNames } from './file-names.ts';

test('the files of a phone, as the tftpd log of a real one shows them', () => {
  expect(phoneFileNames('SEP12ABC345678D')).toEqual({
    certificateTrustList: 'CTLSEP12ABC345678D.tlv',
    identityTrustList: 'ITLSEP12ABC345678D.tlv',
    clusterIdentityTrustList: 'ITLFile.tlv',
    configuration: {
      plain: 'SEP12ABC345678D.cnf.xml',
      signed: 'SEP12ABC345678D.cnf.xml.sgn',
      encrypted: 'SEP12ABC345678D.cnf.xml.enc.sgn',
    },
    defaultConfiguration: { plain: 'XMLDefault.cnf.xml', signed: 'XMLDefault.cnf.xml.sgn' },
  });
});

test.each(['SEP12abc345678d', 'SEP12', 'trunk-1', 'CP-8861-SEP12ABC345678D', '../SEP12ABC345678D', ''])(
  'no files are named after %j',
  (name) => {
    expect(() => phoneFileNames(name)).toThrow(ConfigurationError);
  },
);
