/*
 * A plugin in C: an image format of 8-bit grey pictures. A file is `RAW8`, width and height as two bytes each (low
 * byte first), then a byte a pixel.
 *
 *     cc -std=c99 -shared -fPIC -I plugins/abi plugins/examples/raw8.c -o libraw8.so
 */
#include "lightbox_plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(literal) { (const uint8_t *)literal, sizeof(literal) - 1 }

typedef struct {
    uint32_t width;
    uint32_t height;
    const uint8_t *pixels;
} Reader;

static int32_t fail(LbxError *error, int32_t status, const char *sentence) {
    if (error != NULL) {
        size_t length = strlen(sentence);
        if (length > LBX_MESSAGE_CAPACITY) {
            length = LBX_MESSAGE_CAPACITY;
        }
        error->code = status;
        error->message_len = (uint32_t)length;
        memcpy(error->message, sentence, length);
    }
    return status;
}

static int32_t probe(void *instance, LbxBytes head, uint64_t total_bytes, LbxStr name) {
    (void)instance, (void)total_bytes, (void)name;
    return head.len >= 4 && memcmp(head.ptr, "RAW8", 4) == 0 ? 100 : 0;
}

static int32_t open_file(void *instance, const LbxCall *call, LbxBytes file, void **out, LbxError *error) {
    (void)instance, (void)call;
    if (file.len < 8 || memcmp(file.ptr, "RAW8", 4) != 0) {
        return fail(error, LBX_CORRUPT, "the file does not start with RAW8, a width and a height");
    }
    uint32_t width = file.ptr[4] | (uint32_t)file.ptr[5] << 8;
    uint32_t height = file.ptr[6] | (uint32_t)file.ptr[7] << 8;
    if (width == 0 || height == 0 || file.len - 8 < (size_t)width * height) {
        return fail(error, LBX_CORRUPT, "the file has fewer bytes than its width and height ask for");
    }
    Reader *reader = malloc(sizeof *reader);
    if (reader == NULL) {
        return fail(error, LBX_INTERNAL, "there is no memory for a reader");
    }
    /* The file stays valid until `close_file`. */
    reader->width = width, reader->height = height, reader->pixels = file.ptr + 8;
    *out = reader;
    return LBX_OK;
}

static int32_t metadata(void *instance, void *opened, const LbxCall *call, const LbxSink *out, LbxError *error) {
    (void)instance, (void)call, (void)error;
    const Reader *reader = opened;
    char json[160];
    int length = snprintf(json, sizeof json,
                          "{\"width\":%u,\"height\":%u,\"frame_count\":1,\"bits_per_sample\":8,\"samples_per_pixel\":1}",
                          (unsigned)reader->width, (unsigned)reader->height);
    LbxBytes bytes = { (const uint8_t *)json, (size_t)length };
    return out->write(out->ctx, bytes);
}

static int32_t decode(void *instance, void *opened, const LbxCall *call, const LbxDecodeRequest *request,
                      const LbxPixelSink *out, LbxError *error) {
    (void)instance, (void)call;
    const Reader *reader = opened;
    if (request->frame != 0) {
        return fail(error, LBX_INVALID, "the picture has one frame, 0");
    }
    int wide = request->mode == LBX_DECODE_MODALITY16;
    LbxFrameDesc desc = { sizeof desc, reader->width, reader->height, wide ? LBX_PIXELS_GRAY16 : LBX_PIXELS_GRAY8 };
    uint8_t *to;
    size_t length;
    int32_t status = out->alloc(out->ctx, &desc, &to, &length);
    if (status != LBX_OK) {
        return status;
    }
    size_t step = wide ? 2 : 1;
    for (size_t at = 0; at < length; at++) {
        to[at] = reader->pixels[at / step];
    }
    return LBX_OK;
}

static void close_file(void *instance, void *opened) {
    (void)instance;
    free(opened);
}

static const LbxImageFormatV1 table = {
    .struct_size = sizeof table,
    .probe = probe,
    .open = open_file,
    .metadata = metadata,
    .decode = decode,
    .close = close_file,
};

static const LbxCapability capability = {
    .struct_size = sizeof capability,
    .iface = TEXT(LBX_IMAGE_FORMAT_V1),
    .id = TEXT("raw8"),
    .descriptor = TEXT("{\"id\":\"raw8\",\"name\":\"Raw grey\",\"extensions\":[\"raw8\"],\"media_type\":\"image/x-raw8\"}"),
    .vtable = &table,
};

static const LbxCapability *const capabilities[] = { &capability };

static const LbxPlugin plugin = {
    .struct_size = sizeof plugin,
    .capability_count = 1,
    .id = TEXT("org.example.raw8"),
    .name = TEXT("Raw grey pictures"),
    .version = TEXT("1.0.0"),
    .vendor = TEXT("Example"),
    .capabilities = capabilities,
};

static const LbxAbiInfo abi = {
    .magic = LBX_ABI_MAGIC,
    .struct_size = sizeof abi,
    .abi_major = LBX_ABI_MAJOR,
    .abi_minor = LBX_ABI_MINOR,
    .toolchain = TEXT("C"),
};

const LbxAbiInfo *lbx_plugin_abi(void) {
    return &abi;
}

const LbxPlugin *lbx_plugin_init(const LbxHost *host, LbxError *error) {
    (void)host, (void)error;
    return &plugin;
}
