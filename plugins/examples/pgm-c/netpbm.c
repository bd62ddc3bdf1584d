/*
 * PGM as netpbm documents it: `P5` or `P2`, width, height and maxval in decimal, comments from `#` to the end of the
 * line between them, one white space, samples. Only the first picture of a file is read.
 */
#include "netpbm.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* A place in bytes. */
typedef struct {
    const uint8_t *bytes;
    size_t length;
    size_t at;
} Cursor;

int32_t pgm_fail(LbxError *error, int32_t status, const char *format, ...) {
    if (error != NULL) {
        va_list arguments;
        va_start(arguments, format);
        int length = vsnprintf((char *)error->message, LBX_MESSAGE_CAPACITY, format, arguments);
        va_end(arguments);
        if (length < 0) {
            length = 0;
        } else if (length >= LBX_MESSAGE_CAPACITY) {
            length = LBX_MESSAGE_CAPACITY - 1;
        }
        error->code = status;
        error->message_len = (uint32_t)length;
    }
    return status;
}

/* The locale has no say in it, as isspace would give it. */
static int is_space(uint8_t byte) {
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static int is_digit(uint8_t byte) {
    return byte >= '0' && byte <= '9';
}

int pgm_is_marked(LbxBytes head) {
    return head.len >= 3 && head.ptr[0] == 'P' && (head.ptr[1] == '5' || head.ptr[1] == '2') &&
           (is_space(head.ptr[2]) || head.ptr[2] == '#');
}

static void skip_space_and_comments(Cursor *cursor) {
    while (cursor->at < cursor->length) {
        if (cursor->bytes[cursor->at] == '#') {
            while (cursor->at < cursor->length && cursor->bytes[cursor->at] != '\n' &&
                   cursor->bytes[cursor->at] != '\r') {
                cursor->at++;
            }
        } else if (is_space(cursor->bytes[cursor->at])) {
            cursor->at++;
        } else {
            return;
        }
    }
}

/* A number in decimal up to 2^32 - 1. */
static int32_t read_number(Cursor *cursor, const char *what, uint32_t *out, LbxError *error) {
    skip_space_and_comments(cursor);
    if (cursor->at == cursor->length) {
        return pgm_fail(error, LBX_CORRUPT, "the file ends after %zu bytes where %s is expected", cursor->length, what);
    }
    if (!is_digit(cursor->bytes[cursor->at])) {
        return pgm_fail(error, LBX_CORRUPT, "byte %zu of the file is 0x%02x where %s is expected", cursor->at,
                        (unsigned)cursor->bytes[cursor->at], what);
    }
    uint64_t number = 0;
    for (; cursor->at < cursor->length && is_digit(cursor->bytes[cursor->at]); cursor->at++) {
        number = number * 10 + (uint64_t)(cursor->bytes[cursor->at] - '0');
        if (number > UINT32_MAX) {
            return pgm_fail(error, LBX_CORRUPT, "%s is more than %" PRIu32, what, UINT32_MAX);
        }
    }
    *out = (uint32_t)number;
    return LBX_OK;
}

/* Whether a binary file has all samples, and a plain one room for as many digits with a space between them. */
static int32_t check_length(const PgmFile *file, LbxError *error) {
    uint64_t count = (uint64_t)file->width * file->height;
    uint64_t step = file->is_plain || file->largest > 255 ? 2 : 1;
    uint64_t spare = file->is_plain ? 1 : 0;
    if (count > (UINT64_MAX - 1) / step) {
        return pgm_fail(error, LBX_LIMIT, "%" PRIu32 " x %" PRIu32 " pixels are more bytes than can be counted",
                        file->width, file->height);
    }
    if (file->samples_length < count * step - spare) {
        return pgm_fail(error, LBX_CORRUPT,
                        "%" PRIu32 " x %" PRIu32 " pixels up to %" PRIu32 " take %" PRIu64
                        " bytes, the file has %zu after its header: it is cut or its header is wrong",
                        file->width, file->height, file->largest, count * step - spare, file->samples_length);
    }
    return LBX_OK;
}

int32_t pgm_read_header(LbxBytes bytes, PgmFile *out, LbxError *error) {
    if (!pgm_is_marked(bytes)) {
        return pgm_fail(error, LBX_CORRUPT, "the file does not start with P5 or P2 and a white space");
    }
    Cursor cursor = { bytes.ptr, bytes.len, 2 };
    PgmFile file = { 0 };
    file.is_plain = bytes.ptr[1] == '2';
    int32_t status;
    if ((status = read_number(&cursor, "the width", &file.width, error)) != LBX_OK ||
        (status = read_number(&cursor, "the height", &file.height, error)) != LBX_OK ||
        (status = read_number(&cursor, "maxval", &file.largest, error)) != LBX_OK) {
        return status;
    }
    if (file.width == 0 || file.height == 0) {
        return pgm_fail(error, LBX_CORRUPT,
                        "the picture has %" PRIu32 " x %" PRIu32 " pixels, at least 1 x 1 is expected", file.width,
                        file.height);
    }
    if (file.largest == 0 || file.largest > 65535) {
        return pgm_fail(error, LBX_CORRUPT, "maxval is %" PRIu32 ", 1 to 65535 is expected", file.largest);
    }
    /* One white space ends the header; whatever follows it is a sample already. */
    if (cursor.at == cursor.length || !is_space(cursor.bytes[cursor.at])) {
        return pgm_fail(error, LBX_CORRUPT, "no white space ends the header at byte %zu", cursor.at);
    }
    file.samples = bytes.ptr + cursor.at + 1;
    file.samples_length = bytes.len - cursor.at - 1;
    *out = file;
    return check_length(&file, error);
}

PgmSamples pgm_samples(const PgmFile *file) {
    PgmSamples samples = { file, 0, 0 };
    return samples;
}

static int32_t next_plain(PgmSamples *samples, uint32_t *out, LbxError *error) {
    Cursor cursor = { samples->file->samples, samples->file->samples_length, samples->at };
    int32_t status = read_number(&cursor, "a sample", out, error);
    samples->at = cursor.at;
    return status;
}

/* `check_length` saw to it that there is one. */
static uint32_t next_binary(PgmSamples *samples) {
    const uint8_t *at = samples->file->samples + samples->at;
    if (samples->file->largest <= 255) {
        samples->at += 1;
        return at[0];
    }
    samples->at += 2;
    return (uint32_t)at[0] << 8 | at[1];
}

/* At most width x height times. */
int32_t pgm_next(PgmSamples *samples, uint32_t *out, LbxError *error) {
    if (!samples->file->is_plain) {
        *out = next_binary(samples);
    } else {
        int32_t status = next_plain(samples, out, error);
        if (status != LBX_OK) {
            return status;
        }
    }
    if (*out > samples->file->largest) {
        return pgm_fail(error, LBX_CORRUPT, "sample %" PRIu64 " is %" PRIu32 ", but maxval is %" PRIu32, samples->count,
                        *out, samples->file->largest);
    }
    samples->count++;
    return LBX_OK;
}
