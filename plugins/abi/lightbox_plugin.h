/*
 * Plugins for Lightbox, in C. Generated from plugins/abi/src; do not edit.
 * The contract (who frees, how long, which thread, which errors) is plugins/README.md.
 *
 * A plugin is a shared library that exports the two functions declared at the end.
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#define LBX_IMAGE_FORMAT_V1 "lbx.image-format/1"
#define LBX_ANNOTATION_TYPE_V1 "lbx.annotation-type/1"


/*
 The call did what was asked.
 */
#define LBX_OK 0

/*
 The file is valid but needs something that the plugin does not do.
 */
#define LBX_UNSUPPORTED 1

/*
 The file breaks its own format.
 */
#define LBX_CORRUPT 2

/*
 The file is valid but shows no picture.
 */
#define LBX_NO_PIXELS 3

/*
 A limit was passed; the message names it.
 */
#define LBX_LIMIT 4

/*
 The host asked the call to stop.
 */
#define LBX_CANCELLED 5

/*
 The caller asked for something that does not exist, such as frame 7 of 3.
 */
#define LBX_INVALID 6

/*
 A bug, in the plugin or between the two sides.
 */
#define LBX_INTERNAL 7

/*
 Bytes of the message in `LbxError`.
 */
#define LBX_MESSAGE_CAPACITY 1012

#define LBX_LOG_ERROR 1

#define LBX_LOG_WARN 2

#define LBX_LOG_INFO 3

#define LBX_LOG_DEBUG 4

/*
 The most bytes of a file that `probe` sees.
 */
#define LBX_PROBE_LEN 4096

#define LBX_PIXELS_GRAY8 1

#define LBX_PIXELS_GRAY16 2

#define LBX_PIXELS_GRAY32 3

#define LBX_PIXELS_GRAY_F32 4

#define LBX_PIXELS_GRAY_F64 5

#define LBX_PIXELS_GRAY_ALPHA8 6

#define LBX_PIXELS_GRAY_ALPHA16 7

#define LBX_PIXELS_RGB8 8

#define LBX_PIXELS_RGB16 9

#define LBX_PIXELS_RGBA8 10

#define LBX_PIXELS_RGBA16 11

#define LBX_PIXELS_RGB32 12

/*
 8 bits a sample, as shown on screen.
 */
#define LBX_DECODE_DISPLAY 0

/*
 Grey: 16 bits after the modality LUT. Colour: as display, or 16 bits where the file has more than 8.
 */
#define LBX_DECODE_MODALITY16 1

/*
 The samples as stored, before any LUT.
 */
#define LBX_DECODE_STORED 2

/*
 The first four bytes of `LbxAbiInfo`.
 */
#define LBX_ABI_MAGIC 827867724

/*
 A host refuses every other major version.
 */
#define LBX_ABI_MAJOR 1

/*
 A host refuses a plugin that needs a newer minor version.
 */
#define LBX_ABI_MINOR 1

/*
 The plugin aborts where it should unwind: a bug in it would end the server, so hosts refuse it.
 */
#define LBX_FLAG_PANIC_ABORT 1

/*
 The host makes one call at a time into this plugin, from any thread.
 */
#define LBX_FLAG_SERIAL 2

/*
 The most capabilities of one plugin.
 */
#define LBX_MAX_CAPABILITIES 256

/*
 The longest id, in bytes.
 */
#define LBX_MAX_ID_LEN 128

/*
 The longest name, version, vendor or toolchain, in bytes.
 */
#define LBX_MAX_TEXT_LEN 4096

/*
 The longest descriptor, in bytes.
 */
#define LBX_MAX_DESCRIPTOR_LEN (1 << 20)

/*
 UTF-8 that someone else owns, without a NUL at its end. `ptr` may be NULL when `len` is 0.
 */
typedef struct {
  const uint8_t *ptr;
  size_t len;
} LbxStr;

/*
 Facts that the host checks before it runs anything else. This layout never changes.
 */
typedef struct {
  /*
   `LBX_ABI_MAGIC`
   */
  uint32_t magic;
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  /*
   `LBX_FLAG_…`, joined by or.
   */
  uint32_t flags;
  /*
   What built the library, for people.
   */
  LbxStr toolchain;
} LbxAbiInfo;

/*
 One thing that a plugin can do.
 */
typedef struct {
  uint32_t struct_size;
  /*
   Of two plugins with the same capability the higher priority is used; equal ones by plugin id. Usually 0.
   */
  int32_t priority;
  /*
   Which table `vtable` is: `LBX_IMAGE_FORMAT_V1` or `LBX_ANNOTATION_TYPE_V1`. A host skips what it does not know.
   */
  LbxStr iface;
  /*
   Id of the image format or annotation type, spelled as `LbxPlugin.id`.
   */
  LbxStr id;
  /*
   JSON object; its fields are those of the SDK's `ImageFormatDescriptor` or `AnnotationTypeDescriptor`.
   */
  LbxStr descriptor;
  /*
   Passed back to every function of `vtable`.
   */
  void *instance;
  const void *vtable;
} LbxCapability;

/*
 Called at most once, when no call runs and none will follow.
 */
typedef void (*LbxShutdown)(void);

/*
 A plugin: who it is and what it can do.
 */
typedef struct {
  uint32_t struct_size;
  /*
   1 to `LBX_MAX_CAPABILITIES`.
   */
  uint32_t capability_count;
  /*
   Such as `org.example.pnm`: `a-z`, `0-9`, `.`, `_` and `-`, `LBX_MAX_ID_LEN` at most.
   */
  LbxStr id;
  /*
   For people.
   */
  LbxStr name;
  LbxStr version;
  LbxStr vendor;
  const LbxCapability *const *capabilities;
  LbxShutdown shutdown;
} LbxPlugin;

/*
 One line for the server's log. From any thread.
 */
typedef void (*LbxLog)(void *ctx, uint32_t level, LbxStr message);

/*
 A table that this host offers beyond this struct, or NULL. No extension is defined yet.
 */
typedef const void *(*LbxFindExtension)(void *ctx, LbxStr id);

/*
 The host. Valid until the process ends.
 */
typedef struct {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  /*
   Passed back to the functions below.
   */
  void *ctx;
  /*
   Such as `lightbox`.
   */
  LbxStr name;
  /*
   The product's version, for people; no behaviour may hang on it.
   */
  LbxStr version;
  /*
   What the operator configured for this plugin, as a JSON object; `{}` when nothing.
   */
  LbxStr config;
  LbxLog log;
  LbxFindExtension find_extension;
} LbxHost;

/*
 Bytes that someone else owns. `ptr` may be NULL when `len` is 0.
 */
typedef struct {
  const uint8_t *ptr;
  size_t len;
} LbxBytes;

/*
 How sure the plugin is that the file is its own: 0 (not at all) to 100. `head`: the first `LBX_PROBE_LEN` bytes or
 less. Fast; no state.
 */
typedef int32_t (*LbxProbe)(void *instance, LbxBytes head, uint64_t total_bytes, LbxStr name);

/*
 `1`: the host wants the call to end. Cheap; may be called from any thread while the call runs.
 */
typedef uint8_t (*LbxIsCancelled)(void *ctx);

/*
 The circumstances of one call. Valid while the call runs.
 */
typedef struct {
  uint32_t struct_size;
  uint32_t reserved;
  /*
   Passed back to `is_cancelled`.
   */
  void *ctx;
  /*
   Milliseconds that the call may take from now on; 0: no deadline.
   */
  uint64_t deadline_ms;
  /*
   The most bytes that the call may write or decode to.
   */
  uint64_t max_output_bytes;
  LbxIsCancelled is_cancelled;
} LbxCall;

/*
 The host's slot for a sentence about what went wrong. The host reads it only when the call failed.
 */
typedef struct {
  uint32_t struct_size;
  /*
   The status that the call returns; `lbx_plugin_init`, which returns no status, says it here.
   */
  int32_t code;
  /*
   Bytes of `message` in use, `LBX_MESSAGE_CAPACITY` at most; more is cut.
   */
  uint32_t message_len;
  /*
   UTF-8; what is not is replaced.
   */
  uint8_t message[LBX_MESSAGE_CAPACITY];
} LbxError;

/*
 Reads the structure of a file, not its pixels. `file` stays valid until `close` of this reader returns. On `LBX_OK`
 `*reader` is set and not NULL, and the host calls `close` once; else nothing is to be closed.
 */
typedef int32_t (*LbxOpen)(void *instance, const LbxCall *call, LbxBytes file, void **reader, LbxError *error);

/*
 Appends bytes to the output. Anything but `LBX_OK` means that the host takes no more: return that status.
 Only from the thread that runs the call.
 */
typedef int32_t (*LbxWrite)(void *ctx, LbxBytes bytes);

/*
 Where a call's output goes, in as many pieces as suit. Valid while the call runs.
 */
typedef struct {
  uint32_t struct_size;
  uint32_t reserved;
  void *ctx;
  LbxWrite write;
} LbxSink;

/*
 Writes one JSON document about an open file.
 */
typedef int32_t (*LbxDescribe)(void *instance,
                               void *reader,
                               const LbxCall *call,
                               const LbxSink *out,
                               LbxError *error);

/*
 Which frame, and for what.
 */
typedef struct {
  uint32_t struct_size;
  /*
   Zero-based.
   */
  uint32_t frame;
  /*
   `LBX_DECODE_…`
   */
  uint32_t mode;
  /*
   1: the two numbers below count, instead of the file's own window.
   */
  uint32_t has_window;
  /*
   In modality units.
   */
  double window_center;
  /*
   Above 0.
   */
  double window_width;
} LbxDecodeRequest;

/*
 Size and layout of a picture. The host computes the length in bytes from it; a plugin cannot state one.
 */
typedef struct {
  uint32_t struct_size;
  /*
   Pixels; above 0.
   */
  uint32_t width;
  uint32_t height;
  /*
   `LBX_PIXELS_…`
   */
  uint32_t format;
} LbxFrameDesc;

/*
 Gives memory for the picture, all zero, valid until the call returns. `len` says how much, for checking. Succeeds
 once a call. Anything but `LBX_OK` means that the host refuses: return that status.
 */
typedef int32_t (*LbxAllocPixels)(void *ctx, const LbxFrameDesc *desc, uint8_t **ptr, size_t *len);

/*
 Where a decoder asks for the memory of its picture. Valid while the call runs, for the thread that runs it.
 */
typedef struct {
  uint32_t struct_size;
  uint32_t reserved;
  void *ctx;
  LbxAllocPixels alloc;
} LbxPixelSink;

/*
 Asks `out` for memory once, and fills it.
 */
typedef int32_t (*LbxDecode)(void *instance,
                             void *reader,
                             const LbxCall *call,
                             const LbxDecodeRequest *request,
                             const LbxPixelSink *out,
                             LbxError *error);

/*
 Ends a reader. The host does not use it again.
 */
typedef void (*LbxClose)(void *instance, void *reader);

/*
 A picture to write. Valid while the call runs.
 */
typedef struct {
  uint32_t struct_size;
  uint32_t width;
  uint32_t height;
  /*
   `LBX_PIXELS_…`
   */
  uint32_t format;
  /*
   Exactly as many as the three numbers above ask for.
   */
  LbxBytes samples;
} LbxPixels;

/*
 How to write a picture.
 */
typedef struct {
  uint32_t struct_size;
  /*
   1 to 100, for formats that lose something; 0: the format's own choice.
   */
  uint32_t quality;
  /*
   1: written once and read often, so spend time on size.
   */
  uint32_t small;
  uint32_t reserved;
} LbxEncodeRequest;

/*
 Writes one picture as a file.
 */
typedef int32_t (*LbxEncode)(void *instance,
                             const LbxCall *call,
                             const LbxPixels *pixels,
                             const LbxEncodeRequest *request,
                             const LbxSink *out,
                             LbxError *error);

/*
 An image format. Functions that return a status return `LBX_OK` or say why in `error`.
 */
typedef struct {
  uint32_t struct_size;
  uint32_t reserved;
  LbxProbe probe;
  LbxOpen open;
  /*
   The fields of the SDK's `ImageMetadata`.
   */
  LbxDescribe metadata;
  /*
   May be NULL. DICOM JSON without pixel data (PS3.18 F); writes nothing when the file has none.
   */
  LbxDescribe elements;
  LbxDecode decode;
  LbxClose close;
  /*
   May be NULL, unless the descriptor says `"encodes": true`.
   */
  LbxEncode encode;
} LbxImageFormatV1;

/*
 Bytes in, bytes out. `request`: a JSON object; fields that a plugin does not know are left alone.
 */
typedef int32_t (*LbxAnnotationCall)(void *instance,
                                     const LbxCall *call,
                                     LbxStr request,
                                     LbxBytes document,
                                     const LbxSink *out,
                                     LbxError *error);

/*
 An annotation type. The layouts named here are written down in `plugins/README.md`.
 */
typedef struct {
  uint32_t struct_size;
  uint32_t reserved;
  /*
   `{"name", "format"}` and a document in, the SDK's `Recognition` as JSON out.
   */
  LbxAnnotationCall recognise;
  /*
   `{"name", "format"}` and a document in, an outcome out.
   */
  LbxAnnotationCall import_document;
  /*
   `{}` and a batch in, an outcome out.
   */
  LbxAnnotationCall validate;
  /*
   `{}` and a batch in, an outcome out.
   */
  LbxAnnotationCall merge;
  /*
   Since 1.1. May be NULL, unless the descriptor names formats in `"exports"`. `{"name", "format"}` and a batch in,
   an outcome with the files of that format out. `name` is empty.
   */
  LbxAnnotationCall export_document;
} LbxAnnotationTypeV1;

/*
 `lbx_plugin_abi`. Returns the same pointer every time, valid until the process ends; never NULL.
 */
typedef const LbxAbiInfo *(*LbxPluginAbi)(void);

/*
 `lbx_plugin_init`. Called from one thread, once or more, before any other function; returns the same pointer every
 time, valid until the process ends. NULL: the plugin refuses to start, and `error` says why.
 */
typedef const LbxPlugin *(*LbxPluginInit)(const LbxHost *host, LbxError *error);

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define LBX_EXPORT __declspec(dllexport)
#else
#define LBX_EXPORT __attribute__((visibility("default")))
#endif

LBX_EXPORT const LbxAbiInfo *lbx_plugin_abi(void);
LBX_EXPORT const LbxPlugin *lbx_plugin_init(const LbxHost *host, LbxError *error);

#ifdef __cplusplus
}
#endif
