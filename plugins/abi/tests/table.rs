//! Structs that say another size than this side knows.

use lightbox_abi::{LBX_OK, LbxBytes, LbxSink, read_table};
use std::ffi::c_void;
use std::ptr;

unsafe extern "C" fn write(_ctx: *mut c_void, _bytes: LbxBytes) -> i32 {
    LBX_OK
}

#[test]
fn a_field_that_the_size_does_not_reach_or_cuts_reads_as_null() {
    for (struct_size, has_ctx, has_write) in [
        (4, false, false),
        (8, false, false),
        (12, false, false),
        (16, true, false),
        (20, true, false),
        (23, true, false),
        (24, true, true),
        (100, true, true),
        (u32::MAX, true, true),
    ] {
        let ctx = ptr::dangling_mut::<c_void>();
        let table = LbxSink { struct_size, reserved: 0, ctx, write: Some(write) };
        // SAFETY: the table is there, and no reader looks further than it knows.
        let read = unsafe { read_table(&raw const table) };
        let read = read.map(|read| (!read.ctx.is_null(), read.write.is_some()));
        assert_eq!(read, Some((has_ctx, has_write)), "{struct_size} bytes");
    }
}

#[test]
fn a_struct_without_room_for_its_size_or_at_no_place_for_one_is_none() {
    let table = LbxSink { struct_size: 3, reserved: 0, ctx: ptr::null_mut(), write: None };
    let misplaced = (&raw const table).wrapping_byte_add(1);
    for place in [&raw const table, misplaced, ptr::null()] {
        // SAFETY: nothing is read but the size of the one that is there.
        assert!(unsafe { read_table(place) }.is_none());
    }
}
