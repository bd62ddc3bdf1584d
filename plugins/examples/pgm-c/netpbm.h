/*
 * What stands in a PGM file: header and samples, read from bytes that may be anything.
 */
#ifndef PGM_NETPBM_H
#define PGM_NETPBM_H

#include "lightbox_plugin.h"

/* A file whose header was read. The bytes are the host's, valid until the reader is closed. */
typedef struct {
    uint32_t width;
    uint32_t height;
    /* maxval: 1 to 65535. */
    uint32_t largest;
    int is_plain;
    /* From the first sample to the end of the file; a binary file has bytes for all of them. */
    const uint8_t *samples;
    size_t samples_length;
} PgmFile;

/* Samples one after the other, in the order of the file. */
typedef struct {
    const PgmFile *file;
    size_t at;
    uint64_t count;
} PgmSamples;

int pgm_is_marked(LbxBytes head);
int32_t pgm_read_header(LbxBytes file, PgmFile *out, LbxError *error);
PgmSamples pgm_samples(const PgmFile *file);
int32_t pgm_next(PgmSamples *samples, uint32_t *out, LbxError *error);

/* Fills the host's slot and gives `status` back. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
int32_t pgm_fail(LbxError *error, int32_t status, const char *format, ...);

/* The table that plugin.c offers. */
extern const LbxImageFormatV1 pgm_functions;

#endif
