//! Borrowed bytes and texts. Ownership is not here: neither ever owns what it points to.

/// Bytes that someone else owns. `ptr` may be NULL when `len` is 0.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct LbxBytes {
    pub ptr: *const u8,
    pub len: usize,
}

/// UTF-8 that someone else owns, without a NUL at its end. `ptr` may be NULL when `len` is 0.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct LbxStr {
    pub ptr: *const u8,
    pub len: usize,
}

impl LbxBytes {
    pub const EMPTY: Self = Self { ptr: core::ptr::null(), len: 0 };

    pub const fn new(bytes: &[u8]) -> Self {
        Self { ptr: bytes.as_ptr(), len: bytes.len() }
    }
}

impl LbxStr {
    pub const EMPTY: Self = Self { ptr: core::ptr::null(), len: 0 };

    pub const fn new(text: &str) -> Self {
        Self { ptr: text.as_ptr(), len: text.len() }
    }
}
