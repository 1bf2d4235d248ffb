#!/usr/bin/env bash
# Installs the programs we did not write that the tests talk to, from Debian's packages. One list.
# Run it as root, or as a user who may use sudo.
set -euo pipefail

packages=(
  baresip        # softphone: TLS client certificates, SDES, both directions
  sip-tester     # SIPp: scenarios, wrong orders, retransmissions
  linphone-cli   # softphone with a stack and an SRTP of its own, AES-256 among its suites
  twinkle-console # another softphone, without SRTP
  jami-daemon    # another, told what to do by D-Bus
  dbus-daemon
  libglib2.0-bin # gdbus
  sipsak         # single requests of a stack of its own, and floods of them
  sipvicious     # the scanner that every server meets: svmap, svwar, svcrack
  kamailio       # a yardstick of the load benchmark; tests start it, its service may be disabled
  kamailio-tls-modules
  rtpengine-daemon # a media relay, beside which ours is measured
  openssl        # s_client for the handshake table; pkcs12, verify and x509 as second opinions
  tshark         # reads our captures; brings dumpcap and capinfos
  sox            # a second opinion on G.711 and on audio files
  minimodem      # reads and sends caller ID: Bell 202 and V.23
  multimon-ng    # hears DTMF
  libxml2-utils  # xmllint: a second opinion on the XML of phone configurations
  gcc            # builds the little peers of the SRTP tests, and the drivers of the SRTP benchmark
  libc6-dev
  pkg-config
  libsrtp2-dev
  ffmpeg         # an SRTP of its own, of two suites
  libgstreamer1.0-dev
  gstreamer1.0-plugins-bad # srtpenc and srtpdec
  gstreamer1.0-plugins-good # payloads of RTP, for the auditor to hear
  libssl-dev     # OpenSSL 3, a yardstick of that benchmark
  g++            # builds pkcs11js, with make and python3
  make
  python3
  softhsm2       # security tokens by PKCS#11, without the hardware
  opensc         # pkcs11-tool: a second opinion on what a token holds
  tftp-hpa       # a TFTP client, of the family that boot loaders come from
  atftp          # a TFTP client with block and window sizes (RFC 7440)
  atftpd         # a TFTP server with them, for our client; tests start it, its systemd socket may be disabled
  curl           # TFTP, HTTP and HTTPS client
  rsyslog        # receives alarms by UDP, TCP and TLS
  rsyslog-gnutls
  python3-scapy  # writes frames in every encapsulation, for the reader of captures
  dnsmasq-base   # a name server with NAPTR and SRV records; tests start it
  charon-systemd # strongSwan: the IKE daemon that protects gateways; its service may be disabled
  libcharon-extra-plugins # with ESP in user space, for kernels without
  libstrongswan-standard-plugins
  nftables       # the guard
  iproute2       # network namespaces
  systemd        # systemd-analyze judges the unit file
  chromium       # a browser, for the npm package of srtp and for phones in a page
)

run() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ "${#missing[@]}" -eq 0 ]; then
  echo "peers: all ${#packages[@]} packages are installed"
  exit 0
fi

echo "peers: installing ${missing[*]}"
run apt-get update -qq
run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
