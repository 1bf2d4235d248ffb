/** Values of Q.850 that call control itself says. */
export const CauseValue = {
  ChannelUnacceptable: 6,
  NormalClearing: 16,
  NoUserResponding: 18,
  NoAnswer: 19,
  DestinationOutOfOrder: 27,
  ResponseToStatusEnquiry: 30,
  NormalUnspecified: 31,
  NoChannelAvailable: 34,
  NetworkOutOfOrder: 38,
  TemporaryFailure: 41,
  RequestedChannelNotAvailable: 44,
  BearerCapabilityNotImplemented: 65,
  InvalidCallReference: 81,
  ChannelDoesNotExist: 82,
  MandatoryElementMissing: 96,
  MessageTypeNonExistent: 97,
  InvalidElementContents: 100,
  MessageNotCompatibleWithState: 101,
  RecoveryOnTimerExpiry: 102,
} as const;

/** Who says a cause (Q.850 §2.2.3): the side of the access that makes it. */
export const Location = { User: 0, PublicNetworkServingLocalUser: 2 } as const;
