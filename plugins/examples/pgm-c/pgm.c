/*
 * A plugin in C99: the image format PGM (netpbm), binary (P5) and plain (P2), of 8 and 16 bits. It reads and writes.
 * What is exported and described is in plugin.c, what stands in a file in netpbm.c; this is what the host calls.
 */
#include "netpbm.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Samples between two questions whether to go on. */
#define BETWEEN_CHECKS 65536

static int is_cancelled(const LbxCall *call) {
    return call != NULL && call->is_cancelled != NULL && call->is_cancelled(call->ctx) != 0;
}

static int32_t probe(void *instance, LbxBytes head, uint64_t total_bytes, LbxStr name) {
    (void)instance, (void)total_bytes, (void)name;
    return pgm_is_marked(head) ? 90 : 0;
}

static int32_t open_file(void *instance, const LbxCall *call, LbxBytes file, void **out, LbxError *error) {
    (void)instance, (void)call;
    PgmFile parsed;
    int32_t status = pgm_read_header(file, &parsed, error);
    if (status != LBX_OK) {
        return status;
    }
    PgmFile *reader = malloc(sizeof *reader);
    if (reader == NULL) {
        return pgm_fail(error, LBX_LIMIT, "there is no memory for a reader");
    }
    *reader = parsed;
    *out = reader;
    return LBX_OK;
}

static unsigned bits_of(uint32_t largest) {
    unsigned bits = 0;
    for (; largest > 0; largest >>= 1) {
        bits++;
    }
    return bits;
}

static int32_t metadata(void *instance, void *opened, const LbxCall *call, const LbxSink *out, LbxError *error) {
    (void)instance, (void)call, (void)error;
    const PgmFile *file = opened;
    char json[160];
    int length = snprintf(json, sizeof json,
                          "{\"width\":%" PRIu32 ",\"height\":%" PRIu32
                          ",\"frame_count\":1,\"bits_per_sample\":%u,\"samples_per_pixel\":1}",
                          file->width, file->height, bits_of(file->largest));
    LbxBytes bytes = { (const uint8_t *)json, (size_t)length };
    return out->write(out->ctx, bytes);
}

static int32_t check_request(const LbxDecodeRequest *request, LbxError *error) {
    if (request->frame != 0) {
        return pgm_fail(error, LBX_INVALID, "frame %" PRIu32 " was asked for, the file has 1", request->frame);
    }
    if (request->mode > LBX_DECODE_STORED) {
        return pgm_fail(error, LBX_INVALID, "the decode mode %" PRIu32 " is not known", request->mode);
    }
    if (request->has_window && !(request->window_width > 0)) {
        return pgm_fail(error, LBX_INVALID, "a window of width %g shows nothing", request->window_width);
    }
    return LBX_OK;
}

/* PS3.3 C.11.2.1.2 LINEAR over the stored values; LINEAR_EXACT for a width below 1, which LINEAR does not have. */
static uint32_t shade(const LbxDecodeRequest *request, uint32_t sample) {
    double width = request->window_width, middle = request->window_center;
    if (width >= 1) {
        width -= 1;
        middle -= 0.5;
    }
    double above = sample - (middle - width / 2);
    if (!(above > 0)) {
        return 0;
    }
    return above >= width ? 255 : (uint32_t)(above / width * 255 + 0.5);
}

/* 0 to maxval is stretched over all levels, as other plugins do with grey pictures without a modality LUT. */
static uint32_t level(const PgmFile *file, const LbxDecodeRequest *request, uint32_t sample) {
    if (request->mode == LBX_DECODE_STORED) {
        return sample;
    }
    if (request->mode == LBX_DECODE_DISPLAY && request->has_window) {
        return shade(request, sample);
    }
    uint32_t most = request->mode == LBX_DECODE_DISPLAY ? 255 : 65535;
    return (sample * most + file->largest / 2) / file->largest;
}

static int32_t decode(void *instance, void *opened, const LbxCall *call, const LbxDecodeRequest *request,
                      const LbxPixelSink *out, LbxError *error) {
    (void)instance;
    const PgmFile *file = opened;
    int32_t status = check_request(request, error);
    if (status != LBX_OK) {
        return status;
    }
    int is_wide = request->mode == LBX_DECODE_MODALITY16 || (request->mode == LBX_DECODE_STORED && file->largest > 255);
    LbxFrameDesc desc = { sizeof desc, file->width, file->height, is_wide ? LBX_PIXELS_GRAY16 : LBX_PIXELS_GRAY8 };
    uint8_t *to = NULL;
    size_t length = 0;
    status = out->alloc(out->ctx, &desc, &to, &length);
    if (status != LBX_OK) {
        return pgm_fail(error, status, "the host gives no memory for %" PRIu32 " x %" PRIu32 " pixels", file->width,
                        file->height);
    }
    PgmSamples samples = pgm_samples(file);
    size_t count = is_wide ? length / 2 : length;
    for (size_t at = 0; at < count; at++) {
        if (at % BETWEEN_CHECKS == 0 && is_cancelled(call)) {
            return pgm_fail(error, LBX_CANCELLED, "cancelled");
        }
        uint32_t sample;
        status = pgm_next(&samples, &sample, error);
        if (status != LBX_OK) {
            return status;
        }
        uint32_t shown = level(file, request, sample);
        if (is_wide) {
            to[2 * at] = (uint8_t)shown;
            to[2 * at + 1] = (uint8_t)(shown >> 8);
        } else {
            to[at] = (uint8_t)shown;
        }
    }
    return LBX_OK;
}

static void close_file(void *instance, void *opened) {
    (void)instance;
    free(opened);
}

static int32_t encode(void *instance, const LbxCall *call, const LbxPixels *pixels, const LbxEncodeRequest *request,
                      const LbxSink *out, LbxError *error) {
    (void)instance, (void)request;
    if (pixels->format != LBX_PIXELS_GRAY8 && pixels->format != LBX_PIXELS_GRAY16) {
        return pgm_fail(error, LBX_UNSUPPORTED, "PGM holds grey pixels of 8 or 16 bits, not those of format %" PRIu32,
                        pixels->format);
    }
    int is_wide = pixels->format == LBX_PIXELS_GRAY16;
    char header[64];
    int header_length = snprintf(header, sizeof header, "P5\n%" PRIu32 " %" PRIu32 "\n%d\n", pixels->width,
                                 pixels->height, is_wide ? 65535 : 255);
    LbxBytes start = { (const uint8_t *)header, (size_t)header_length };
    int32_t status = out->write(out->ctx, start);
    if (status != LBX_OK || !is_wide) {
        return status != LBX_OK ? status : out->write(out->ctx, pixels->samples);
    }
    /* The file's samples are big endian, the host's little. */
    uint8_t turned[4096];
    for (size_t at = 0; at < pixels->samples.len && status == LBX_OK;) {
        size_t length = 0;
        for (; length < sizeof turned && at + 1 < pixels->samples.len; length += 2, at += 2) {
            turned[length] = pixels->samples.ptr[at + 1];
            turned[length + 1] = pixels->samples.ptr[at];
        }
        LbxBytes piece = { turned, length };
        status = is_cancelled(call) ? LBX_CANCELLED : out->write(out->ctx, piece);
    }
    return status;
}

const LbxImageFormatV1 pgm_functions = {
    .struct_size = sizeof pgm_functions,
    .probe = probe,
    .open = open_file,
    .metadata = metadata,
    .decode = decode,
    .close = close_file,
    .encode = encode,
};
