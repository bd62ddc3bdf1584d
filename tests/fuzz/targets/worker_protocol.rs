//! Any bytes as what a worker sends to the server, or the server to a worker.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lightbox_fuzz::plugin_host::fuzzed_worker::run(bytes));
