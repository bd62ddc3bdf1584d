//! Any bytes as what crosses the plugin boundary: batches, bundles and outcomes. What is read has consistent columns and
//! comes back the same.
#![no_main]

use lightbox_sdk::wire::{read_exported, read_imported, read_validated};
use lightbox_sdk::{Batch, bundle};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = read_imported(bytes);
    let _ = read_validated(bytes);
    let _ = read_exported(bytes);
    if let Ok(files) = bundle::decode(bytes) {
        assert_eq!(bundle::encode(&files), bytes);
    }
    if let Ok(batch) = Batch::decode(bytes) {
        batch.check().expect("columns fit");
        let again = Batch::decode(&batch.encode()).expect("what was written is read");
        assert_eq!(again.len(), batch.len());
    }
});
