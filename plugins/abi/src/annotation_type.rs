//! The table of an annotation type: functions of one shape.

use crate::{LbxBytes, LbxCall, LbxError, LbxSink, LbxStr};
use core::ffi::c_void;

/// `LbxCapability.iface` of an `LbxAnnotationTypeV1`.
pub const LBX_ANNOTATION_TYPE_V1: &str = "lbx.annotation-type/1";

/// Bytes in, bytes out. `request`: a JSON object; fields that a plugin does not know are left alone.
pub type LbxAnnotationCall = Option<
    unsafe extern "C" fn(
        instance: *mut c_void,
        call: *const LbxCall,
        request: LbxStr,
        document: LbxBytes,
        out: *const LbxSink,
        error: *mut LbxError,
    ) -> i32,
>;

/// An annotation type. The layouts named here are written down in `plugins/README.md`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct LbxAnnotationTypeV1 {
    pub struct_size: u32,
    pub reserved: u32,
    /// `{"name", "format"}` and a document in, the SDK's `Recognition` as JSON out.
    pub recognise: LbxAnnotationCall,
    /// `{"name", "format"}` and a document in, an outcome out.
    pub import_document: LbxAnnotationCall,
    /// `{}` and a batch in, an outcome out.
    pub validate: LbxAnnotationCall,
    /// `{}` and a batch in, an outcome out.
    pub merge: LbxAnnotationCall,
    /// Since 1.1. May be NULL, unless the descriptor names formats in `"exports"`. `{"name", "format"}` and a batch in,
    /// an outcome with the files of that format out. `name` is empty.
    pub export_document: LbxAnnotationCall,
}
