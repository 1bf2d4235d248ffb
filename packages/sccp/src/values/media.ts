/** Codecs and what else a stream carries. [C2: WS, CHSCCP; OPUS and CFB_Tones WS only] */
export const MediaPayloadType = {
  G711Alaw64k: 2,
  G711Alaw56k: 3,
  G711Ulaw64k: 4,
  G711Ulaw56k: 5,
  G722_64k: 6,
  G722_56k: 7,
  G722_48k: 8,
  G7231: 9,
  G728: 10,
  G729: 11,
  G729AnnexA: 12,
  G729AnnexB: 15,
  G729AnnexAwAnnexB: 16,
  GSM_Full_Rate: 18,
  GSM_Half_Rate: 19,
  GSM_Enhanced_Full_Rate: 20,
  Wide_Band_256k: 25,
  Data64: 32,
  Data56: 33,
  G7221_32K: 40,
  G7221_24K: 41,
  AAC: 42,
  MP4ALATM_128: 43,
  MP4ALATM_64: 44,
  MP4ALATM_56: 45,
  MP4ALATM_48: 46,
  MP4ALATM_32: 47,
  MP4ALATM_24: 48,
  MP4ALATM_NA: 49,
  GSM: 80,
  G726_32K: 82,
  G726_24K: 83,
  G726_16K: 84,
  ILBC: 86,
  ISAC: 89,
  OPUS: 90,
  AMR: 97,
  AMR_WB: 98,
  H261: 100,
  H263: 101,
  Vieo: 102,
  H264: 103,
  H264_SVC: 104,
  T120: 105,
  H224: 106,
  T38Fax: 107,
  TOTE: 108,
  H265: 109,
  H264_UC: 110,
  XV150_MR_711U: 111,
  NSE_VBD_711U: 112,
  XV150_MR_729A: 113,
  NSE_VBD_729A: 114,
  H264_FEC: 115,
  Clear_Chan: 120,
  Universal_Xcoder: 222,
  RFC2833_DynPayload: 257,
  PassThrough: 258,
  Dynamic_Payload_PassThru: 259,
  DTMF_OOB: 260,
  Inband_DTMF_RFC2833: 261,
  CFB_Tones: 262,
  NoAudio: 299,
  V150_LC_ModemRelay: 300,
  V150_LC_SPRT: 301,
  V150_LC_SSE: 302,
} as const;

/** How opening a channel or starting a transmission went. [C2: WS, CHSCCP] */
export const MediaStatus = {
  Ok: 0,
  Unknown: 1,
  NotEnoughChannels: 2,
  CodecTooComplex: 3,
  InvalidPartyID: 4,
  InvalidCallRef: 5,
  InvalidCodec: 6,
  InvalidPacketSize: 7,
  OutOfSockets: 8,
  EncoderOrDecoderFailed: 9,
  InvalidDynamicPayloadType: 10,
  RequestedIpAddrTypeUnAvailable: 11,
  DeviceOnHook: 255,
} as const;

/** Whether the port of a channel that is closed is kept for the next. [C2: WS, CHSCCP] */
export const PortHandling = {
  CLOSE_PORT: 0,
  KEEP_PORT: 1,
} as const;

/** Whether a sender may be silent in silence. [C2: WS, CHSCCP] */
export const SilenceSuppression = {
  Off: 0,
  On: 1,
} as const;

/** Whether the receiver removes echoes. [C2: WS, CHSCCP] */
export const EchoCancellation = {
  Off: 0,
  On: 1,
} as const;

/** The rate of G.723.1 in kbit/s. [C2: WS, CHSCCP] */
export const G723BitRate = {
  Rate5_3: 1,
  Rate6_3: 2,
} as const;

/** Which kind of address a phone is asked for. [C2: WS, CHSCCP] */
export const IpAddrType = {
  Ipv4: 0,
  Ipv6: 1,
  Ipv4_v6: 2,
  Invalid: 3,
} as const;

/** What carries a stream. [C: WS] */
export const MediaTransportType = {
  RTP: 1,
  UDP: 2,
  TCP: 3,
} as const;

/** What a stream is. [C2: WS, CHSCCP] */
export const MediaType = {
  Invalid: 0,
  Audio: 1,
  Main_Video: 2,
  FECC: 3,
  Presentation_Video: 4,
  DataApp_BFCP: 5,
  DataApp_IXChannel: 6,
  T38: 7,
} as const;

/** What the sender of a video stream is asked to do. [C2: WS, CHSCCP] */
export const MiscCommandType = {
  VideoFreezePicture: 0,
  VideoFastUpdatePicture: 1,
  VideoFastUpdateGOB: 2,
  VideoFastUpdateMB: 3,
  LostPicture: 4,
  LostPartialPicture: 5,
  RecoveryReferencePicture: 6,
  TemporalSpatialTradeOff: 7,
} as const;
