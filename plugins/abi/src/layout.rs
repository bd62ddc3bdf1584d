//! The layouts, pinned: a change that would break a plugin that is already built does not compile. 64-bit machines.

use crate::*;
use core::mem::offset_of;

macro_rules! pin {
    ($type:ident is $size:literal: $($field:ident at $offset:literal),+ $(,)?) => {
        const _: () = {
            assert!(size_of::<$type>() == $size);
            $(assert!(offset_of!($type, $field) == $offset);)+
        };
    };
}

const _: () = assert!(size_of::<usize>() == 8, "the plugin boundary is laid out for 64-bit machines");

pin!(LbxBytes is 16: ptr at 0, len at 8);
pin!(LbxStr is 16: ptr at 0, len at 8);
pin!(LbxAbiInfo is 32: magic at 0, struct_size at 4, abi_major at 8, abi_minor at 10, flags at 12, toolchain at 16);
pin!(LbxPlugin is 88: struct_size at 0, capability_count at 4, id at 8, name at 24, version at 40, vendor at 56,
    capabilities at 72, shutdown at 80);
pin!(LbxCapability is 72: struct_size at 0, priority at 4, iface at 8, id at 24, descriptor at 40, instance at 56,
    vtable at 64);
pin!(LbxHost is 80: struct_size at 0, abi_major at 4, abi_minor at 6, ctx at 8, name at 16, version at 32,
    config at 48, log at 64, find_extension at 72);
pin!(LbxCall is 40: struct_size at 0, reserved at 4, ctx at 8, deadline_ms at 16, max_output_bytes at 24,
    is_cancelled at 32);
pin!(LbxError is 1024: struct_size at 0, code at 4, message_len at 8, message at 12);
pin!(LbxSink is 24: struct_size at 0, reserved at 4, ctx at 8, write at 16);
pin!(LbxPixelSink is 24: struct_size at 0, reserved at 4, ctx at 8, alloc at 16);
pin!(LbxFrameDesc is 16: struct_size at 0, width at 4, height at 8, format at 12);
pin!(LbxDecodeRequest is 32: struct_size at 0, frame at 4, mode at 8, has_window at 12, window_center at 16,
    window_width at 24);
pin!(LbxPixels is 32: struct_size at 0, width at 4, height at 8, format at 12, samples at 16);
pin!(LbxEncodeRequest is 16: struct_size at 0, quality at 4, small at 8, reserved at 12);
pin!(LbxImageFormatV1 is 64: struct_size at 0, reserved at 4, probe at 8, open at 16, metadata at 24, elements at 32,
    decode at 40, close at 48, encode at 56);
pin!(LbxAnnotationTypeV1 is 48: struct_size at 0, reserved at 4, recognise at 8, import_document at 16, validate at 24,
    merge at 32, export_document at 40);
