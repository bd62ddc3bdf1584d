//! The plugin's own memory: every struct and text in a piece of exactly the size that it says, so that the sanitizer sees
//! a host that reads past it.

use crate::script::Script;
use lightbox_abi::*;
use std::alloc::{Layout, alloc, dealloc};

/// Pieces of memory that live as long as the plugin.
#[derive(Default)]
pub struct Memory {
    pieces: Vec<(*mut u8, Layout)>,
}

const ALIGNMENT: usize = 8;

impl Memory {
    fn piece(&mut self, bytes: &[u8], size: usize) -> *mut u8 {
        let layout = Layout::from_size_align(size.max(1), ALIGNMENT).expect("small sizes");
        // SAFETY: the size is not 0; what is copied has room.
        let piece = unsafe {
            let piece = alloc(layout);
            piece.write_bytes(0xaa, size);
            piece.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len().min(size));
            piece
        };
        self.pieces.push((piece, layout));
        piece
    }

    pub fn keep(&mut self, bytes: &[u8]) -> LbxBytes {
        LbxBytes { ptr: self.piece(bytes, bytes.len()), len: bytes.len() }
    }

    /// A struct as some other minor version might fill it, or a broken one.
    pub fn table<T: LbxTable>(&mut self, script: &mut Script, table: T) -> *const T {
        // SAFETY: tables are `repr(C)` and have no padding between their fields.
        let bytes = unsafe { std::slice::from_raw_parts((&raw const table).cast::<u8>(), size_of::<T>()) };
        let (said, real) = match script.oddity(6) {
            0 => return self.sized(bytes, size_of::<T>(), size_of::<T>()),
            1 => (usize::from(script.byte() % 4), size_of::<u32>()),
            2 => {
                let cut = 4 + usize::from(script.byte()) % (size_of::<T>() - 4);
                (cut, cut)
            }
            3 => (size_of::<T>() + 8, size_of::<T>() + 8),
            4 => (u32::MAX as usize, size_of::<T>()),
            5 => return std::ptr::null(),
            _ => {
                let piece = self.sized::<T>(bytes, size_of::<T>(), size_of::<T>() + 4).cast::<u8>();
                return piece.wrapping_add(1 + usize::from(script.byte() % 3)).cast();
            }
        };
        self.sized(bytes, said, real)
    }

    fn sized<T>(&mut self, bytes: &[u8], said: usize, real: usize) -> *const T {
        let piece = self.piece(bytes, real);
        // SAFETY: every piece of a struct has room for its size, and is aligned.
        unsafe { piece.cast::<u32>().write(u32::try_from(said).unwrap_or(u32::MAX)) };
        piece.cast_const().cast()
    }

    pub fn text(&mut self, script: &mut Script, usual: &str) -> LbxStr {
        match script.oddity(6) {
            0 => self.str(usual.as_bytes()),
            1 => LbxStr { ptr: std::ptr::null(), len: script.number() as usize },
            // No host may look at so much; what there is of it is one byte.
            2 => LbxStr { ptr: self.keep(b"x").ptr, len: script.one_of(&[usize::MAX, isize::MAX as usize, 1 << 40]) },
            3 => LbxStr::EMPTY,
            4 => {
                let long = "a".repeat(script.one_of(&[128, 129, 4096, 4097]));
                self.str(long.as_bytes())
            }
            _ => {
                let bytes = script.bytes(512);
                self.str(&bytes)
            }
        }
    }

    fn str(&mut self, bytes: &[u8]) -> LbxStr {
        let LbxBytes { ptr, len } = self.keep(bytes);
        LbxStr { ptr, len }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        for (piece, layout) in self.pieces.drain(..) {
            // SAFETY: `piece` came from `alloc` with this layout, and the host forgot the plugin before.
            unsafe { dealloc(piece, layout) };
        }
    }
}
