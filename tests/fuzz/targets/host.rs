//! Any bytes as a plugin that the server has loaded: its description, answers and calls back.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lightbox_fuzz::plugin_host::fuzzed_plugin::run(bytes));
