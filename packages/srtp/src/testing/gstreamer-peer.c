/*
 * A peer for the tests: protects or opens packets with GStreamer's srtpenc and srtpdec. Its words and frames are those
 * of peer.h; status 1 says that the element let nothing through.
 *
 * Packets are pushed into the element by hand, pad to pad and in this thread, so that what comes out belongs to what
 * went in; between appsrc and appsink nobody could say which packet was dropped.
 */
#include "peer.h"
#include <gst/gst.h>

struct suite {
  const char *name, *cipher, *rtp_auth, *rtcp_auth;
};
/* It has no key of 192 bits; and with a null cipher it wants a master key of no octets, which leaves none to sign with. */
static const struct suite suites[] = {
    {"AES_CM_128_HMAC_SHA1_80", "aes-128-icm", "hmac-sha1-80", "hmac-sha1-80"},
    {"AES_CM_128_HMAC_SHA1_32", "aes-128-icm", "hmac-sha1-32", "hmac-sha1-80"},
    {"AES_256_CM_HMAC_SHA1_80", "aes-256-icm", "hmac-sha1-80", "hmac-sha1-80"},
    {"AES_256_CM_HMAC_SHA1_32", "aes-256-icm", "hmac-sha1-32", "hmac-sha1-80"},
    {"AEAD_AES_128_GCM", "aes-128-gcm", "null", "null"},
    {"AEAD_AES_256_GCM", "aes-256-gcm", "null", "null"},
};

static struct arguments arguments;
static const struct suite *suite;
static GstBuffer *came_out;

static GstFlowReturn take(GstPad *pad, GstObject *parent, GstBuffer *buffer) {
  (void)pad, (void)parent;
  if (came_out != NULL) gst_buffer_unref(came_out);
  came_out = buffer;
  return GST_FLOW_OK;
}

static GstBuffer *octets_of(const uint8_t *octets, int length) { return gst_buffer_new_memdup(octets, length); }

/* srtpdec asks for the keys of every SSRC it has not seen; here they all have the same. */
static GstCaps *keys_for(GstElement *element, guint ssrc, gpointer nothing) {
  (void)element, (void)ssrc, (void)nothing;
  GstCaps *caps = gst_caps_new_simple("application/x-srtp", "srtp-cipher", G_TYPE_STRING, suite->cipher, "srtp-auth",
                                      G_TYPE_STRING, suite->rtp_auth, "srtcp-cipher", G_TYPE_STRING, suite->cipher,
                                      "srtcp-auth", G_TYPE_STRING, suite->rtcp_auth, NULL);
  for (int i = 0; i < arguments.key_count; i++) {
    const struct master_key *key = &arguments.keys[i];
    char key_field[16] = "srtp-key", mki_field[16] = "mki";
    if (i > 0) {
      snprintf(key_field, sizeof key_field, "srtp-key%d", i + 1);
      snprintf(mki_field, sizeof mki_field, "mki%d", i + 1);
    }
    GstBuffer *secret = octets_of(key->secret, key->octets);
    gst_caps_set_simple(caps, key_field, GST_TYPE_BUFFER, secret, NULL);
    gst_buffer_unref(secret);
    if (key->mki_octets == 0) continue;
    GstBuffer *mki = octets_of(key->mki, key->mki_octets);
    gst_caps_set_simple(caps, mki_field, GST_TYPE_BUFFER, mki, NULL);
    gst_buffer_unref(mki);
  }
  return caps;
}

static GstElement *open_encoder(void) {
  GstElement *element = gst_element_factory_make("srtpenc", NULL);
  if (element == NULL) fail("srtpenc is not there");
  if (arguments.key_count != 1) fail("srtpenc has one key");
  gst_util_set_object_arg(G_OBJECT(element), "rtp-cipher", suite->cipher);
  gst_util_set_object_arg(G_OBJECT(element), "rtp-auth", suite->rtp_auth);
  gst_util_set_object_arg(G_OBJECT(element), "rtcp-cipher", suite->cipher);
  gst_util_set_object_arg(G_OBJECT(element), "rtcp-auth", suite->rtcp_auth);
  GstBuffer *key = octets_of(arguments.keys[0].secret, arguments.keys[0].octets);
  g_object_set(element, "key", key, NULL);
  gst_buffer_unref(key);
  if (arguments.keys[0].mki_octets > 0) {
    GstBuffer *mki = octets_of(arguments.keys[0].mki, arguments.keys[0].mki_octets);
    g_object_set(element, "mki", mki, NULL);
    gst_buffer_unref(mki);
  }
  return element;
}

static GstElement *open_decoder(void) {
  GstElement *element = gst_element_factory_make("srtpdec", NULL);
  if (element == NULL) fail("srtpdec is not there");
  g_signal_connect(element, "request-key", G_CALLBACK(keys_for), NULL);
  return element;
}

/* Joins the two pads of one protocol to ours and starts the stream; returns the pad to push into. */
static GstPad *join(GstElement *element, const char *in, const char *out, const char *media_type) {
  GstPad *theirs = gst_element_get_static_pad(element, in);
  if (theirs == NULL) theirs = gst_element_request_pad_simple(element, in);
  GstPad *theirs_out = gst_element_get_static_pad(element, out);
  GstPad *source = gst_pad_new(NULL, GST_PAD_SRC), *sink = gst_pad_new(NULL, GST_PAD_SINK);
  gst_pad_set_chain_function(sink, take);
  gst_pad_set_active(source, TRUE);
  gst_pad_set_active(sink, TRUE);
  if (gst_pad_link(source, theirs) != GST_PAD_LINK_OK) fail("a pad could not be linked");
  if (gst_pad_link(theirs_out, sink) != GST_PAD_LINK_OK) fail("a pad could not be linked");
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  GstCaps *caps = gst_caps_new_empty_simple(media_type);
  gst_pad_push_event(source, gst_event_new_stream_start(in));
  gst_pad_push_event(source, gst_event_new_caps(caps));
  gst_pad_push_event(source, gst_event_new_segment(&segment));
  gst_caps_unref(caps);
  return source;
}

int main(int count, char **words) {
  static struct frame frame;
  read_arguments(count, words, &arguments);
  if (arguments.id_count > 0) fail("GStreamer does not encrypt header extensions");
  for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
    if (strcmp(suites[i].name, arguments.profile) == 0) suite = &suites[i];
  }
  if (suite == NULL) fail("GStreamer has no such profile");
  gst_init(NULL, NULL);
  int protect = arguments.protect;
  GstElement *element = protect ? open_encoder() : open_decoder();
  g_object_set(element, "replay-window-size", (guint)arguments.window, NULL);
  if (gst_element_set_state(element, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) fail("the element does not start");
  GstPad *rtp = protect ? join(element, "rtp_sink_0", "rtp_src_0", "application/x-rtp")
                        : join(element, "rtp_sink", "rtp_src", "application/x-srtp");
  GstPad *rtcp = protect ? join(element, "rtcp_sink_0", "rtcp_src_0", "application/x-rtcp")
                         : join(element, "rtcp_sink", "rtcp_src", "application/x-srtcp");
  while (read_frame(&frame)) {
    GstMapInfo map;
    if (frame.kind == 'k') fail("srtpenc has one key");
    gst_pad_push(frame.kind == 'c' ? rtcp : rtp, octets_of(frame.packet, frame.octets));
    if (came_out == NULL) {
      write_frame(1, NULL, 0);
      continue;
    }
    if (!gst_buffer_map(came_out, &map, GST_MAP_READ)) fail("a buffer cannot be read");
    write_frame(0, map.data, (int)map.size);
    gst_buffer_unmap(came_out, &map);
    gst_buffer_unref(came_out);
    came_out = NULL;
  }
  gst_element_set_state(element, GST_STATE_NULL);
  return fflush(stdout) == 0 ? 0 : 1;
}
