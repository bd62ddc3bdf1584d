//! The `lightbox` binary; everything it does is in the library.

fn main() -> std::process::ExitCode {
    lightbox::cli::run()
}
