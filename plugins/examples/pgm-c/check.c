/*
 * The plugin's own tests, without a host: every function as a host calls it. Built with the sanitizers (see Makefile);
 * the last test decodes some hundred thousand broken files, from memory of exactly their length.
 */
#include "netpbm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

#define EXPECT(condition) expect((condition) != 0, #condition, __LINE__)

static void expect(int holds, const char *condition, int line) {
    if (!holds) {
        fprintf(stderr, "check.c:%d: %s does not hold\n", line, condition);
        failures++;
    }
}

/* What a host gives memory for and is written to. */
typedef struct {
    uint8_t *bytes;
    size_t length;
    size_t capacity;
    uint32_t format;
} Output;

static int32_t alloc_pixels(void *ctx, const LbxFrameDesc *desc, uint8_t **ptr, size_t *len) {
    Output *out = ctx;
    uint64_t pixels = (uint64_t)desc->width * desc->height;
    if (pixels > 1 << 20) {
        return LBX_LIMIT;
    }
    out->format = desc->format;
    out->length = (size_t)pixels * (desc->format == LBX_PIXELS_GRAY16 ? 2 : 1);
    out->bytes = calloc(out->length, 1);
    *ptr = out->bytes;
    *len = out->length;
    return LBX_OK;
}

static int32_t write_bytes(void *ctx, LbxBytes bytes) {
    Output *out = ctx;
    if (bytes.len > 0) {
        out->bytes = realloc(out->bytes, out->length + bytes.len);
        memcpy(out->bytes + out->length, bytes.ptr, bytes.len);
        out->length += bytes.len;
    }
    return LBX_OK;
}

static uint8_t says_no(void *ctx) {
    (void)ctx;
    return 0;
}

static uint8_t says_yes(void *ctx) {
    (void)ctx;
    return 1;
}

static LbxCall call_that(LbxIsCancelled is_cancelled) {
    LbxCall call = { .struct_size = sizeof call, .max_output_bytes = 1 << 20, .is_cancelled = is_cancelled };
    return call;
}

/* Opens, describes and decodes a copy of exactly `length` bytes, so that a byte more is found. */
static int32_t decode(const void *bytes, size_t length, LbxDecodeRequest request, LbxIsCancelled is_cancelled,
                      Output *out, LbxError *error) {
    uint8_t *copy = malloc(length > 0 ? length : 1);
    memcpy(copy, bytes, length);
    LbxBytes file = { copy, length };
    LbxCall call = call_that(is_cancelled);
    LbxPixelSink pixels = { .struct_size = sizeof pixels, .ctx = out, .alloc = alloc_pixels };
    Output json = { 0 };
    LbxSink sink = { .struct_size = sizeof sink, .ctx = &json, .write = write_bytes };
    void *reader = NULL;
    pgm_functions.probe(NULL, file, length, (LbxStr){ 0 });
    int32_t status = pgm_functions.open(NULL, &call, file, &reader, error);
    if (status == LBX_OK) {
        EXPECT(pgm_functions.metadata(NULL, reader, &call, &sink, error) == LBX_OK && json.length > 0);
        status = pgm_functions.decode(NULL, reader, &call, &request, &pixels, error);
        pgm_functions.close(NULL, reader);
    }
    EXPECT(status == LBX_OK || (error->code == status && error->message_len > 0));
    free(json.bytes);
    free(copy);
    return status;
}

static LbxDecodeRequest asked_for(uint32_t mode) {
    LbxDecodeRequest request = { .struct_size = sizeof request, .mode = mode };
    return request;
}

static void expect_samples(const char *file, size_t length, LbxDecodeRequest request, const char *expected,
                           size_t count, int line) {
    Output out = { 0 };
    LbxError error = { .struct_size = sizeof error };
    int32_t status = decode(file, length, request, says_no, &out, &error);
    int holds = status == LBX_OK && out.length == count && memcmp(out.bytes, expected, count) == 0;
    if (status != LBX_OK) {
        fprintf(stderr, "%.*s\n", (int)error.message_len, (const char *)error.message);
    }
    expect(holds, "the samples are those expected", line);
    free(out.bytes);
}

/* The literals' last byte is C's own NUL. */
#define GIVES(file, request, expected) \
    expect_samples(file, sizeof(file) - 1, request, expected, sizeof(expected) - 1, __LINE__)

static void samples_are_those_of_the_file(void) {
    LbxDecodeRequest display = asked_for(LBX_DECODE_DISPLAY), modality = asked_for(LBX_DECODE_MODALITY16),
                     stored = asked_for(LBX_DECODE_STORED);
    GIVES("P5 2 1 255\n\x07\xff", stored, "\x07\xff");
    GIVES("P5 2 1 255\n\x07\xff", display, "\x07\xff");
    GIVES("P5 2 1 255\n\x07\xff", modality, "\x07\x07\xff\xff");
    GIVES("P5 3 1 65535\n\x12\x34\0\0\xff\xff", stored, "\x34\x12\0\0\xff\xff");
    GIVES("P5 3 1 65535\n\x12\x34\0\0\xff\xff", display, "\x12\0\xff");
    GIVES("P5#c\n3 #c 1 2\n1\r\n#\n15\n\0\x01\x0f", display, "\0\x11\xff");
    GIVES("P5 1 2 300\n\x01\x2c\0\x01", stored, "\x2c\x01\x01\0");
    GIVES("P2\n2 2\n255\n0 7\n#comment\n 12\t255", stored, "\0\x07\x0c\xff");
    GIVES("P2 2 1 1000 1000 500", display, "\xff\x80");
    GIVES("P2 1 1 1000 1000\nwhatever follows", modality, "\xff\xff");
    LbxDecodeRequest window = { sizeof window, 0, LBX_DECODE_DISPLAY, 1, 50.5, 101 };
    GIVES("P5 5 1 255\n\0\x19\x32\x64\xff", window, "\0\x40\x80\xff\xff");
    window.window_width = 1;
    window.window_center = 10.5;
    GIVES("P5 2 1 255\n\x0a\x0b", window, "\0\xff");
}

static void expect_refusal(const char *file, size_t length, LbxDecodeRequest request, int32_t status,
                           const char *sentence, int line) {
    Output out = { 0 };
    LbxError error = { .struct_size = sizeof error };
    int32_t found = decode(file, length, request, says_no, &out, &error);
    int holds = found == status && error.message_len == strlen(sentence) &&
                memcmp(error.message, sentence, error.message_len) == 0;
    if (!holds) {
        fprintf(stderr, "status %d: %.*s\n", (int)found, (int)error.message_len, (const char *)error.message);
    }
    expect(holds, sentence, line);
    free(out.bytes);
}

#define REFUSED(file, status, sentence) \
    expect_refusal(file, sizeof(file) - 1, asked_for(LBX_DECODE_STORED), status, sentence, __LINE__)

static void files_that_cannot_be_are_refused_with_what_was_found(void) {
    REFUSED("", LBX_CORRUPT, "the file does not start with P5 or P2 and a white space");
    REFUSED("P51 1 255\n\0", LBX_CORRUPT, "the file does not start with P5 or P2 and a white space");
    REFUSED("P5 1 x", LBX_CORRUPT, "byte 5 of the file is 0x78 where the height is expected");
    REFUSED("P5 1 -1 255\n", LBX_CORRUPT, "byte 5 of the file is 0x2d where the height is expected");
    REFUSED("P5 1 #1 255", LBX_CORRUPT, "the file ends after 11 bytes where the height is expected");
    REFUSED("P5 0 1 255\n", LBX_CORRUPT, "the picture has 0 x 1 pixels, at least 1 x 1 is expected");
    REFUSED("P5 1 1 0\n\0", LBX_CORRUPT, "maxval is 0, 1 to 65535 is expected");
    REFUSED("P5 1 1 65536\n\0\0", LBX_CORRUPT, "maxval is 65536, 1 to 65535 is expected");
    REFUSED("P5 4294967296 1 255\n", LBX_CORRUPT, "the width is more than 4294967295");
    REFUSED("P5 99999999999999999999999999 1 255\n", LBX_CORRUPT, "the width is more than 4294967295");
    REFUSED("P5 1 1 255", LBX_CORRUPT, "no white space ends the header at byte 10");
    REFUSED("P5 2 2 255\n\1\2\3", LBX_CORRUPT,
            "2 x 2 pixels up to 255 take 4 bytes, the file has 3 after its header: it is cut or its header is wrong");
    REFUSED("P5 4294967295 4294967295 65535\n", LBX_LIMIT,
            "4294967295 x 4294967295 pixels are more bytes than can be counted");
    REFUSED("P5 4294967295 2147483648 255\n", LBX_CORRUPT,
            "4294967295 x 2147483648 pixels up to 255 take 9223372034707292160 bytes, the file has 0 after its header: it "
            "is cut or its header is wrong");
    REFUSED("P5 2 1 300\n\1\x2c\1\x2d", LBX_CORRUPT, "sample 1 is 301, but maxval is 300");
    REFUSED("P2 2 1 9 1 10", LBX_CORRUPT, "sample 1 is 10, but maxval is 9");
    REFUSED("P2 3 1 9 1 2 ", LBX_CORRUPT,
            "3 x 1 pixels up to 9 take 5 bytes, the file has 4 after its header: it is cut or its header is wrong");
    REFUSED("P2 2 1 9 1  ", LBX_CORRUPT, "the file ends after 3 bytes where a sample is expected");
    LbxDecodeRequest frame = { sizeof frame, 1, LBX_DECODE_STORED, 0, 0, 0 };
    expect_refusal("P5 1 1 1\n", 10, frame, LBX_INVALID, "frame 1 was asked for, the file has 1", __LINE__);
    LbxDecodeRequest mode = asked_for(3);
    expect_refusal("P5 1 1 1\n", 10, mode, LBX_INVALID, "the decode mode 3 is not known", __LINE__);
    LbxDecodeRequest window = { sizeof window, 0, LBX_DECODE_DISPLAY, 1, 0, 0 };
    expect_refusal("P5 1 1 1\n", 10, window, LBX_INVALID, "a window of width 0 shows nothing", __LINE__);
}

static void a_call_that_was_cancelled_ends(void) {
    Output out = { 0 };
    LbxError error = { .struct_size = sizeof error };
    EXPECT(decode("P5 1 1 1\n", 10, asked_for(LBX_DECODE_STORED), says_yes, &out, &error) == LBX_CANCELLED);
    free(out.bytes);
}

static void what_is_written_is_read_back_as_it_was(uint32_t format, size_t sample_bytes) {
    uint8_t samples[2 * 61 * 47];
    for (size_t at = 0; at < sizeof samples; at++) {
        samples[at] = (uint8_t)(at * 7);
    }
    LbxPixels pixels = { sizeof pixels, 61, 47, format, { samples, 61 * 47 * sample_bytes } };
    LbxEncodeRequest request = { .struct_size = sizeof request };
    LbxCall call = call_that(says_no);
    Output file = { 0 }, back = { 0 };
    LbxSink sink = { .struct_size = sizeof sink, .ctx = &file, .write = write_bytes };
    LbxError error = { .struct_size = sizeof error };
    EXPECT(pgm_functions.encode(NULL, &call, &pixels, &request, &sink, &error) == LBX_OK);
    EXPECT(decode(file.bytes, file.length, asked_for(LBX_DECODE_STORED), says_no, &back, &error) == LBX_OK);
    EXPECT(back.format == format && back.length == pixels.samples.len && memcmp(back.bytes, samples, back.length) == 0);
    pixels.format = LBX_PIXELS_RGB8;
    EXPECT(pgm_functions.encode(NULL, &call, &pixels, &request, &sink, &error) == LBX_UNSUPPORTED);
    free(file.bytes);
    free(back.bytes);
}

static void broken_files_break_nothing(void) {
    static const char *const whole[] = {
        "P5 #c\n3 2 255\nabcdef",
        "P5 3 2 65535\nabcdefghijkl",
        "P2\n3 2\n999\n1 2 33 444 5 6\n",
    };
    uint32_t seed = 1;
    for (size_t which = 0; which < sizeof whole / sizeof *whole; which++) {
        size_t length = strlen(whole[which]);
        for (int round = 0; round < 40000; round++) {
            char file[64];
            memcpy(file, whole[which], length);
            size_t cut = length;
            for (int turn = 0; turn < 3; turn++) {
                seed = seed * 1664525 + 1013904223;
                file[(seed >> 8) % length] = turn == 0 ? (char)(seed >> 24) : "0123456789 #\n"[(seed >> 16) % 13];
                cut = (seed >> 20) % 4 == 0 ? (seed >> 10) % (length + 1) : cut;
            }
            Output out = { 0 };
            LbxError error = { .struct_size = sizeof error };
            decode(file, cut, asked_for((uint32_t)round % 3), says_no, &out, &error);
            free(out.bytes);
        }
    }
}

int main(void) {
    samples_are_those_of_the_file();
    files_that_cannot_be_are_refused_with_what_was_found();
    a_call_that_was_cancelled_ends();
    what_is_written_is_read_back_as_it_was(LBX_PIXELS_GRAY8, 1);
    what_is_written_is_read_back_as_it_was(LBX_PIXELS_GRAY16, 2);
    broken_files_break_nothing();
    const LbxPlugin *plugin = lbx_plugin_init(NULL, NULL);
    EXPECT(plugin->capability_count == 1 && plugin == lbx_plugin_init(NULL, NULL));
    EXPECT(lbx_plugin_abi()->magic == LBX_ABI_MAGIC);
    if (failures > 0) {
        fprintf(stderr, "%d checks failed\n", failures);
    }
    return failures > 0;
}
