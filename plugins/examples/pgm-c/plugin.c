/*
 * Who this plugin is and what it offers: the two functions that every plugin exports.
 */
#include "netpbm.h"

#define TEXT(literal) { (const uint8_t *)literal, sizeof(literal) - 1 }

static const LbxCapability pgm = {
    .struct_size = sizeof pgm,
    .iface = TEXT(LBX_IMAGE_FORMAT_V1),
    .id = TEXT("pgm"),
    .descriptor = TEXT("{\"id\":\"pgm\",\"name\":\"PGM\",\"extensions\":[\"pgm\"],"
                       "\"media_type\":\"image/x-portable-graymap\",\"encodes\":true}"),
    .vtable = &pgm_functions,
};

static const LbxCapability *const capabilities[] = { &pgm };

static const LbxPlugin plugin = {
    .struct_size = sizeof plugin,
    .capability_count = sizeof capabilities / sizeof *capabilities,
    .id = TEXT("org.example.pgm"),
    .name = TEXT("PGM"),
    .version = TEXT("1.0.0"),
    .vendor = TEXT("Example"),
    .capabilities = capabilities,
};

static const LbxAbiInfo abi = {
    .magic = LBX_ABI_MAGIC,
    .struct_size = sizeof abi,
    .abi_major = LBX_ABI_MAJOR,
    .abi_minor = LBX_ABI_MINOR,
    .toolchain = TEXT("C99"),
};

const LbxAbiInfo *lbx_plugin_abi(void) {
    return &abi;
}

const LbxPlugin *lbx_plugin_init(const LbxHost *host, LbxError *error) {
    (void)host, (void)error;
    return &plugin;
}
