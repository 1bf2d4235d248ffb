import type { MessageOf } from '../layout/message.ts';
import { activateCallPlane } from './activate-call-plane.ts';
import { addOnDeviceCapabilities } from './add-on-device-capabilities.ts';
import { alarm } from './alarm.ts';
import { backSpaceRes } from './back-space-res.ts';
import { buttonTemplateReq } from './button-template-req.ts';
import { buttonTemplateRes } from './button-template-res.ts';
import { callCountReq } from './call-count-req.ts';
import { callCountResp } from './call-count-resp.ts';
import { callHistoryInfo } from './call-history-info.ts';
import { callInfo } from './call-info.ts';
import { callInfoV2 } from './call-info-v2.ts';
import { callSelectStatRes } from './call-select-stat-res.ts';
import { callState } from './call-state.ts';
import { capabilitiesReq } from './capabilities-req.ts';
import { capabilitiesRes } from './capabilities-res.ts';
import { capabilitiesV2Res } from './capabilities-v2-res.ts';
import { capabilitiesV3Res } from './capabilities-v3-res.ts';
import { clearConference } from './clear-conference.ts';
import { clearDisplay } from './clear-display.ts';
import { clearNotify } from './clear-notify.ts';
import { clearPriNotify } from './clear-pri-notify.ts';
import { clearPromptStatus } from './clear-prompt-status.ts';
import { closeMultiMediaReceiveChannel } from './close-multi-media-receive-channel.ts';
import { closeReceiveChannel } from './close-receive-channel.ts';
import { configStatReq } from './config-stat-req.ts';
import { configStatRes } from './config-stat-res.ts';
import { configStatV2Res } from './config-stat-v2-res.ts';
import { connectionStatisticsReq } from './connection-statistics-req.ts';
import { connectionStatisticsRes } from './connection-statistics-res.ts';
import { deactivateCallPlane } from './deactivate-call-plane.ts';
import { deviceToUserData } from './device-to-user-data.ts';
import { deviceToUserDataResponse } from './device-to-user-data-response.ts';
import { deviceToUserDataResponseVersion1 } from './device-to-user-data-response-version1.ts';
import { deviceToUserDataVersion1 } from './device-to-user-data-version1.ts';
import { dialedNumber } from './dialed-number.ts';
import { displayNotify } from './display-notify.ts';
import { displayNotifyV2 } from './display-notify-v2.ts';
import { displayPriNotify } from './display-pri-notify.ts';
import { displayPriNotifyV2 } from './display-pri-notify-v2.ts';
import { displayPromptStatus } from './display-prompt-status.ts';
import { displayPromptStatusV2 } from './display-prompt-status-v2.ts';
import { displayText } from './display-text.ts';
import { enblocCall } from './enbloc-call.ts';
import { enhancedAlarm } from './enhanced-alarm.ts';
import { featureStatReq } from './feature-stat-req.ts';
import { featureStatRes } from './feature-stat-res.ts';
import { featureStatV2Res } from './feature-stat-v2-res.ts';
import { flowControlCommand } from './flow-control-command.ts';
import { flowControlNotify } from './flow-control-notify.ts';
import { forwardStatReq } from './forward-stat-req.ts';
import { forwardStatRes } from './forward-stat-res.ts';
import { headsetStatus } from './headset-status.ts';
import { hookFlash } from './hook-flash.ts';
import { ipPort } from './ip-port.ts';
import { keepAliveAck } from './keep-alive-ack.ts';
import { keepAliveReq } from './keep-alive-req.ts';
import { keypadButton } from './keypad-button.ts';
import { lineStatReq } from './line-stat-req.ts';
import { lineStatRes } from './line-stat-res.ts';
import { lineStatV2Res } from './line-stat-v2-res.ts';
import { locationInfo } from './location-info.ts';
import { mediaPathCapability } from './media-path-capability.ts';
import { mediaPathEvent } from './media-path-event.ts';
import { mediaResourceNotification } from './media-resource-notification.ts';
import { mediaTransmissionFailure } from './media-transmission-failure.ts';
import { miscellaneousCommand } from './miscellaneous-command.ts';
import { multicastMediaReceptionAck } from './multicast-media-reception-ack.ts';
import { notification } from './notification.ts';
import { notifyDtmfTone } from './notify-dtmf-tone.ts';
import { offHook } from './off-hook.ts';
import { offHookWithCallingPartyNumber } from './off-hook-with-calling-party-number.ts';
import { onHook } from './on-hook.ts';
import { openMultiMediaReceiveChannel } from './open-multi-media-receive-channel.ts';
import { openMultiMediaReceiveChannelAck } from './open-multi-media-receive-channel-ack.ts';
import { openReceiveChannel } from './open-receive-channel.ts';
import { openReceiveChannelAck } from './open-receive-channel-ack.ts';
import { portClose } from './port-close.ts';
import { portReq } from './port-req.ts';
import { portRes } from './port-res.ts';
import { recordingStatus } from './recording-status.ts';
import { registerAck } from './register-ack.ts';
import { registerAvailableLines } from './register-available-lines.ts';
import { registerReject } from './register-reject.ts';
import { registerReq } from './register-req.ts';
import { registerTokenAck } from './register-token-ack.ts';
import { registerTokenReject } from './register-token-reject.ts';
import { registerTokenReq } from './register-token-req.ts';
import { reset } from './reset.ts';
import { selectSoftKeys } from './select-soft-keys.ts';
import { sendDtmfTone } from './send-dtmf-tone.ts';
import { serverReq } from './server-req.ts';
import { serverRes } from './server-res.ts';
import { serviceURLStatReq } from './service-url-stat-req.ts';
import { serviceURLStatRes } from './service-url-stat-res.ts';
import { serviceURLStatV2Res } from './service-url-stat-v2-res.ts';
import { setHookFlashDetect } from './set-hook-flash-detect.ts';
import { setLamp } from './set-lamp.ts';
import { setMicroMode } from './set-micro-mode.ts';
import { setRinger } from './set-ringer.ts';
import { setSpeakerMode } from './set-speaker-mode.ts';
import { softKeyEvent } from './soft-key-event.ts';
import { softKeySetReq } from './soft-key-set-req.ts';
import { softKeySetRes } from './soft-key-set-res.ts';
import { softKeyTemplateReq } from './soft-key-template-req.ts';
import { softKeyTemplateRes } from './soft-key-template-res.ts';
import { spcpRegisterTokenAck } from './spcp-register-token-ack.ts';
import { spcpRegisterTokenReject } from './spcp-register-token-reject.ts';
import { spcpRegisterTokenReq } from './spcp-register-token-req.ts';
import { speedDialStatReq } from './speed-dial-stat-req.ts';
import { speedDialStatRes } from './speed-dial-stat-res.ts';
import { speedDialStatV2Res } from './speed-dial-stat-v2-res.ts';
import { startMediaFailureDetection } from './start-media-failure-detection.ts';
import { startMediaTransmission } from './start-media-transmission.ts';
import { startMediaTransmissionAck } from './start-media-transmission-ack.ts';
import { startMultiMediaTransmission } from './start-multi-media-transmission.ts';
import { startMultiMediaTransmissionAck } from './start-multi-media-transmission-ack.ts';
import { startMulticastMediaReception } from './start-multicast-media-reception.ts';
import { startMulticastMediaTransmission } from './start-multicast-media-transmission.ts';
import { startTone } from './start-tone.ts';
import { stimulus } from './stimulus.ts';
import { stopMediaTransmission } from './stop-media-transmission.ts';
import { stopMultiMediaTransmission } from './stop-multi-media-transmission.ts';
import { stopMulticastMediaReception } from './stop-multicast-media-reception.ts';
import { stopMulticastMediaTransmission } from './stop-multicast-media-transmission.ts';
import { stopTone } from './stop-tone.ts';
import { subscribeDtmfPayloadErr } from './subscribe-dtmf-payload-err.ts';
import { subscribeDtmfPayloadReq } from './subscribe-dtmf-payload-req.ts';
import { subscribeDtmfPayloadRes } from './subscribe-dtmf-payload-res.ts';
import { subscriptionStatReq } from './subscription-stat-req.ts';
import { subscriptionStatRes } from './subscription-stat-res.ts';
import { timeDateReq } from './time-date-req.ts';
import { timeDateRes } from './time-date-res.ts';
import { unSubscribeDtmfPayloadErr } from './un-subscribe-dtmf-payload-err.ts';
import { unSubscribeDtmfPayloadReq } from './un-subscribe-dtmf-payload-req.ts';
import { unSubscribeDtmfPayloadRes } from './un-subscribe-dtmf-payload-res.ts';
import { unregisterAck } from './unregister-ack.ts';
import { unregisterReq } from './unregister-req.ts';
import { updateCapabilities } from './update-capabilities.ts';
import { userToDeviceData } from './user-to-device-data.ts';
import { userToDeviceDataVersion1 } from './user-to-device-data-version1.ts';
import { versionReq } from './version-req.ts';
import { versionRes } from './version-res.ts';
import { videoDisplayCommand } from './video-display-command.ts';

/**
 * Every message that is known, in the order of ids. Each cell of their layouts carries where it is from (WS is Wireshark's
 * dissector of Skinny, CHSCCP the channel driver chan-sccp) and how sure it is: R, octets of a real phone or manager;
 * C2, two independent programs agree; C, one program; I, inferred; ?, they contradict each other. docs/skinny.md says more.
 */
export const definitions = [
  keepAliveReq,
  registerReq,
  ipPort,
  keypadButton,
  enblocCall,
  stimulus,
  offHook,
  onHook,
  hookFlash,
  forwardStatReq,
  speedDialStatReq,
  lineStatReq,
  configStatReq,
  timeDateReq,
  buttonTemplateReq,
  versionReq,
  capabilitiesRes,
  serverReq,
  alarm,
  multicastMediaReceptionAck,
  openReceiveChannelAck,
  connectionStatisticsRes,
  offHookWithCallingPartyNumber,
  softKeySetReq,
  softKeyEvent,
  unregisterReq,
  softKeyTemplateReq,
  registerTokenReq,
  mediaTransmissionFailure,
  headsetStatus,
  mediaResourceNotification,
  registerAvailableLines,
  deviceToUserData,
  deviceToUserDataResponse,
  updateCapabilities,
  openMultiMediaReceiveChannelAck,
  clearConference,
  serviceURLStatReq,
  featureStatReq,
  deviceToUserDataVersion1,
  deviceToUserDataResponseVersion1,
  capabilitiesV2Res,
  capabilitiesV3Res,
  portRes,
  subscriptionStatReq,
  mediaPathEvent,
  mediaPathCapability,
  registerAck,
  startTone,
  stopTone,
  setRinger,
  setLamp,
  setHookFlashDetect,
  setSpeakerMode,
  setMicroMode,
  startMediaTransmission,
  stopMediaTransmission,
  callInfo,
  forwardStatRes,
  speedDialStatRes,
  lineStatRes,
  configStatRes,
  timeDateRes,
  buttonTemplateRes,
  versionRes,
  displayText,
  clearDisplay,
  capabilitiesReq,
  registerReject,
  serverRes,
  reset,
  keepAliveAck,
  startMulticastMediaReception,
  startMulticastMediaTransmission,
  stopMulticastMediaReception,
  stopMulticastMediaTransmission,
  openReceiveChannel,
  closeReceiveChannel,
  connectionStatisticsReq,
  softKeyTemplateRes,
  softKeySetRes,
  selectSoftKeys,
  callState,
  displayPromptStatus,
  clearPromptStatus,
  displayNotify,
  clearNotify,
  activateCallPlane,
  deactivateCallPlane,
  unregisterAck,
  backSpaceRes,
  registerTokenAck,
  registerTokenReject,
  startMediaFailureDetection,
  dialedNumber,
  userToDeviceData,
  featureStatRes,
  displayPriNotify,
  clearPriNotify,
  notifyDtmfTone,
  sendDtmfTone,
  subscribeDtmfPayloadReq,
  subscribeDtmfPayloadRes,
  subscribeDtmfPayloadErr,
  unSubscribeDtmfPayloadReq,
  unSubscribeDtmfPayloadRes,
  unSubscribeDtmfPayloadErr,
  serviceURLStatRes,
  callSelectStatRes,
  openMultiMediaReceiveChannel,
  startMultiMediaTransmission,
  stopMultiMediaTransmission,
  miscellaneousCommand,
  flowControlCommand,
  closeMultiMediaReceiveChannel,
  userToDeviceDataVersion1,
  videoDisplayCommand,
  flowControlNotify,
  configStatV2Res,
  displayNotifyV2,
  displayPriNotifyV2,
  displayPromptStatusV2,
  featureStatV2Res,
  lineStatV2Res,
  serviceURLStatV2Res,
  speedDialStatV2Res,
  callInfoV2,
  portReq,
  portClose,
  subscriptionStatRes,
  notification,
  startMediaTransmissionAck,
  startMultiMediaTransmissionAck,
  callHistoryInfo,
  locationInfo,
  addOnDeviceCapabilities,
  enhancedAlarm,
  callCountReq,
  callCountResp,
  recordingStatus,
  spcpRegisterTokenReq,
  spcpRegisterTokenAck,
  spcpRegisterTokenReject,
] as const;

/** A message with an id that is known, as a value. */
export type KnownMessage = MessageOf<(typeof definitions)[number]>;

/** The message of a kind. */
export type MessageOfKind<Kind extends KnownMessage['kind']> = Extract<KnownMessage, { readonly kind: Kind }>;
