import 'reflect-metadata';

// After the line above, and never imported from anywhere else in this room.
export {
  AuthorityInfoAccessExtension,
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  Extension,
  type JsonGeneralNames,
  type JsonName,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  Pkcs10CertificateRequest,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate as X509Document,
  X509CertificateGenerator,
  X509Crl as X509RevocationList,
  X509CrlGenerator as X509RevocationListGenerator,
} from '@peculiar/x509';
