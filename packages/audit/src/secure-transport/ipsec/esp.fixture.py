"""Writes packets of ESP in hexadecimal, a line for each: a name, the octets that IP carries, and the packet within."""
import os

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.ipsec import ESP, SecurityAssociation
from scapy.packet import Raw

inner = {
    "UDP": IP(src="192.0.2.1", dst="192.0.2.2") / UDP(sport=5060, dport=5060) / Raw(b"INVITE sip:b@example.net SIP/2.0"),
    "TCP": IP(src="192.0.2.1", dst="192.0.2.2") / TCP(sport=1720, dport=40000, seq=7) / Raw(b"a signal of a call"),
}
suites = {
    "NULL with HMAC-SHA1-96": ("NULL", None, "HMAC-SHA1-96", os.urandom(20)),
    "NULL with SHA2-256-128": ("NULL", None, "SHA2-256-128", os.urandom(32)),
    "NULL with SHA2-512-256": ("NULL", None, "SHA2-512-256", os.urandom(64)),
    "AES-CBC": ("AES-CBC", os.urandom(16), "HMAC-SHA1-96", os.urandom(20)),
    "AES-GCM": ("AES-GCM", os.urandom(20), "NULL", None),
}
for suite, (crypt, key, auth, auth_key) in suites.items():
    for mode in ("transport", "tunnel"):
        header = IP(src="198.51.100.1", dst="198.51.100.2") if mode == "tunnel" else None
        sa = SecurityAssociation(
            ESP, spi=0x1234, crypt_algo=crypt, crypt_key=key, auth_algo=auth, auth_key=auth_key, tunnel_header=header
        )
        for name, packet in inner.items():
            for _ in range(20):
                sealed = sa.encrypt(IP(bytes(packet)))
                print(suite, mode, name, bytes(sealed[ESP]).hex(), bytes(packet).hex(), sep=",")
