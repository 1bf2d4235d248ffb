"""Writes captures of one datagram in everything that it may come in, one file for each: name, then folder, on the command line."""
import struct
import sys

from scapy.contrib.erspan import ERSPAN_I, ERSPAN_II, ERSPAN_III
from scapy.contrib.mpls import MPLS, EoMCW
from scapy.layers.inet import IP, UDP, fragment
from scapy.layers.inet6 import (
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    fragment6,
)
from scapy.layers.l2 import LLC, SNAP, CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Dot3, GRE, Ether, Loopback
from scapy.layers.ppp import HDLC, PPP, PPPoE
from scapy.layers.vxlan import VXLAN
from scapy.packet import Raw
from scapy.utils import PcapWriter

folder = sys.argv[1]
said = b"what was said within all of it"
inner4 = IP(src="192.0.2.1", dst="192.0.2.2") / UDP(sport=40000, dport=40002) / Raw(said)
inner6 = IPv6(src="2001:db8::1", dst="2001:db8::2") / UDP(sport=40000, dport=40002) / Raw(said)
card = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
outer = IP(src="198.51.100.1", dst="198.51.100.2")
outer6 = IPv6(src="2001:db8:ffff::1", dst="2001:db8:ffff::2")


def chunk(kind, value):
    return struct.pack("!HHH", 0, kind, 6 + len(value)) + value


def agent(addresses):
    body = chunk(1, b"\x02") + chunk(2, b"\x11") + addresses + chunk(7, struct.pack("!H", 40000))
    body += chunk(8, struct.pack("!H", 40002)) + chunk(9, b"\0\0\0\1") + chunk(15, said)
    return b"HEP3" + struct.pack("!H", 6 + len(body)) + body


hep4 = chunk(3, bytes([192, 0, 2, 1])) + chunk(4, bytes([192, 0, 2, 2]))


def long4(identification):
    return IP(src="192.0.2.1", dst="192.0.2.2", id=identification) / UDP(sport=40000, dport=40002) / Raw(said * 100)


long6 = (
    IPv6(src="2001:db8::1", dst="2001:db8::2")
    / IPv6ExtHdrFragment(id=7)
    / UDP(sport=40000, dport=40002)
    / Raw(said * 100)
)

files = {
    "ethernet": (1, [card / inner4]),
    "ethernet, IPv6": (1, [card / inner6]),
    "VLAN": (1, [card / Dot1Q(vlan=7) / inner4]),
    "QinQ": (1, [card / Dot1AD(vlan=9) / Dot1Q(vlan=7) / inner6]),
    "SNAP": (1, [Dot3(src=card.src, dst=card.dst) / LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(code=0x0800) / inner4]),
    "cooked": (113, [CookedLinux(proto=0x0800) / inner4]),
    "cooked with VLAN": (113, [CookedLinux(proto=0x8100) / Dot1Q(vlan=7) / inner4]),
    "cooked 2": (276, [CookedLinuxV2(proto=0x86DD) / inner6]),
    "raw": (101, [inner4]),
    "raw, IPv6": (101, [inner6]),
    "loopback": (0, [Loopback(type=2) / inner4]),
    "PPP": (9, [PPP(proto=0x0021) / inner4]),
    "PPP in HDLC": (50, [HDLC() / PPP(proto=0x0057) / inner6]),
    "PPPoE": (1, [card / PPPoE(sessionid=3) / PPP(proto=0x0021) / inner4]),
    "MPLS": (1, [card / MPLS(label=16, s=0) / MPLS(label=17, s=1) / inner4]),
    "MPLS pseudowire": (1, [card / MPLS(label=18, s=1) / EoMCW() / card / inner6]),
    "GRE": (1, [card / outer / GRE(proto=0x0800) / inner4]),
    "GRE with key, checksum and sequence": (
        1,
        [card / outer / GRE(proto=0x86DD, chksum_present=1, key_present=1, key=99, seqnum_present=1) / inner6],
    ),
    "GRE that bridges": (1, [card / outer6 / GRE(proto=0x6558) / card / Dot1Q(vlan=7) / inner4]),
    "ERSPAN I": (1, [card / outer / GRE(proto=0x88BE) / ERSPAN_I() / card / inner4]),
    "ERSPAN II": (1, [card / outer / GRE(proto=0x88BE, seqnum_present=1) / ERSPAN_II(session_id=5) / card / inner4]),
    "ERSPAN III": (1, [card / outer / GRE(proto=0x22EB, seqnum_present=1) / ERSPAN_III(session_id=5) / card / inner6]),
    "VXLAN": (1, [card / outer / UDP(sport=50000, dport=4789) / VXLAN(vni=42, flags=8) / card / inner4]),
    "IP in IP": (1, [card / outer / inner4]),
    "IPv6 in IP": (1, [card / outer / inner6]),
    "HEP": (1, [card / outer / UDP(sport=50000, dport=9060) / Raw(agent(hep4))]),
    "IPv6 with extension headers": (
        1,
        [
            card
            / IPv6(src="2001:db8::1", dst="2001:db8::2")
            / IPv6ExtHdrHopByHop()
            / IPv6ExtHdrDestOpt()
            / UDP(sport=40000, dport=40002)
            / Raw(said)
        ],
    ),
    "fragments": (1, [card / part for part in fragment(long4(7), fragsize=640)]),
    "fragments, the last first": (1, [card / part for part in reversed(fragment(long4(8), fragsize=640))]),
    "fragments of IPv6": (1, [card / part for part in fragment6(long6, 700)]),
    "fragments in VXLAN": (
        1,
        [
            card / outer / UDP(sport=50000, dport=4789) / VXLAN(vni=42, flags=8) / card / part
            for part in fragment(long4(9), fragsize=640)
        ],
    ),
}

for name, (link_type, packets) in files.items():
    with PcapWriter(f"{folder}/{name}.pcap", linktype=link_type, nano=False) as writer:
        for packet in packets:
            writer.write(packet)
