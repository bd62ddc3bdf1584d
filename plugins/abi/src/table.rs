//! Reading a struct that the other side filled, which may know fewer fields of it than this side or more.

use crate::*;

/// Structs that start with `struct_size` and may be read from zeroes.
///
/// # Safety
/// The type is `repr(C)`, its first field is `struct_size: u32`, it has no padding that matters, and all zeroes are a
/// valid value of it.
pub unsafe trait LbxTable: Copy {}

/// Copies as many bytes as both sides know; the rest reads as 0 or NULL, a field that `struct_size` cuts among it: half a
/// pointer points nowhere. `None` for NULL, for an address that is not aligned, and for a `struct_size` that has no room
/// even for itself.
///
/// # Safety
/// `table` is NULL or points to as many readable bytes as its `struct_size` says.
pub unsafe fn read_table<T: LbxTable>(table: *const T) -> Option<T> {
    if table.is_null() || !table.is_aligned() {
        return None;
    }
    // SAFETY: not NULL and aligned; every table starts with its size.
    let struct_size = unsafe { table.cast::<u32>().read() } as usize;
    if struct_size < size_of::<u32>() {
        return None;
    }
    let mut copy = core::mem::MaybeUninit::<T>::zeroed();
    // No field is larger than the alignment, or else it is a text of two such parts, whose length is then 0.
    let known_size = struct_size.min(size_of::<T>()) / align_of::<T>() * align_of::<T>();
    // SAFETY: both sides have `known_size` bytes, and zeroes are valid for what is not copied.
    unsafe {
        core::ptr::copy_nonoverlapping(table.cast::<u8>(), copy.as_mut_ptr().cast::<u8>(), known_size);
        Some(copy.assume_init())
    }
}

macro_rules! tables {
    ($($type:ident),+ $(,)?) => {
        $(
            // SAFETY: `repr(C)` with `struct_size` first; integers, raw pointers and optional functions may be zero.
            unsafe impl LbxTable for $type {}
        )+
    };
}

tables!(
    LbxPlugin,
    LbxCapability,
    LbxHost,
    LbxCall,
    LbxSink,
    LbxPixelSink,
    LbxFrameDesc,
    LbxDecodeRequest,
    LbxPixels,
    LbxEncodeRequest,
    LbxImageFormatV1,
    LbxAnnotationTypeV1,
);
