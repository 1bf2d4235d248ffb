/* A sender for the tests: runs the pipeline that it is given in GStreamer's words, to its end. */
#include <gst/gst.h>

int main(int count, char **words) {
  gst_init(&count, &words);
  GError *error = NULL;
  GstElement *pipeline = count == 2 ? gst_parse_launch(words[1], &error) : NULL;
  if (pipeline == NULL || error != NULL) {
    g_printerr("no pipeline: %s\n", error != NULL ? error->message : "it is to be one word");
    return 2;
  }
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  GstBus *bus = gst_element_get_bus(pipeline);
  GstMessage *message = gst_bus_timed_pop_filtered(bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
  int failed = GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR;
  if (failed) {
    gst_message_parse_error(message, &error, NULL);
    g_printerr("the pipeline failed: %s\n", error->message);
  }
  gst_element_set_state(pipeline, GST_STATE_NULL);
  return failed;
}
