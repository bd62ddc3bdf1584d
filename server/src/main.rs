//! The `lightbox` binary; everything it does is in the library.

fn main() -> std::process::ExitCode {
    // Before any thread: a worker shuts itself in while it is alone in its process.
    #[cfg(target_os = "linux")]
    if std::env::args_os().nth(1).is_some_and(|argument| argument == "plugin-host") {
        return lightbox::plugin_host::run_worker();
    }
    lightbox::cli::run()
}
