//! From the safe traits to the C tables; the only `unsafe` of the SDK. Authors need [`crate::export_plugin!`] alone;
//! the rest is public for its expansion.

mod annotation_type;
mod boundary;
mod definition;
mod guard;
mod image_format;

pub use definition::{Definition, abi_info, start};
#[doc(hidden)]
pub use lightbox_abi as abi;

/// Makes a shared library a plugin: exports `lbx_plugin_abi` and `lbx_plugin_init` with these capabilities.
///
/// Each entry is an expression whose value implements [`crate::ImageFormat`] or [`crate::AnnotationType`]; `=> 10`
/// behind it gives it a priority over other plugins' capabilities of the same id, 0 when left out. The plugin's
/// version is its crate's. Once a library only, and never link two libraries that use it into one program: both
/// would define the same symbols.
///
/// Every call is guarded: a panic becomes [`crate::Error::Internal`] with the file and line. That needs
/// `panic = "unwind"`, Cargo's default; hosts refuse a plugin that was built with `panic = "abort"`.
#[macro_export]
macro_rules! export_plugin {
    (
        id: $id:expr,
        name: $name:expr,
        vendor: $vendor:expr,
        image_formats: [$($format:expr $(=> $format_priority:expr)?),* $(,)?],
        annotation_types: [$($annotation_type:expr $(=> $type_priority:expr)?),* $(,)?] $(,)?
    ) => {
        const _: () = {
            #[unsafe(no_mangle)]
            extern "C" fn lbx_plugin_abi() -> *const $crate::export::abi::LbxAbiInfo {
                static ABI: $crate::export::abi::LbxAbiInfo = $crate::export::abi_info(cfg!(panic = "abort"));
                &raw const ABI
            }

            #[unsafe(no_mangle)]
            unsafe extern "C" fn lbx_plugin_init(
                host: *const $crate::export::abi::LbxHost,
                error: *mut $crate::export::abi::LbxError,
            ) -> *const $crate::export::abi::LbxPlugin {
                static PLUGIN: ::std::sync::OnceLock<&'static $crate::export::abi::LbxPlugin> =
                    ::std::sync::OnceLock::new();
                let define = || {
                    $crate::export::Definition::new($id, $name, env!("CARGO_PKG_VERSION"), $vendor)
                        $(.image_format(Box::new($format), 0 $(+ $format_priority)?))*
                        $(.annotation_type(Box::new($annotation_type), 0 $(+ $type_priority)?))*
                };
                // SAFETY: the host calls this with what the contract of `LbxPluginInit` says.
                unsafe { $crate::export::start(&PLUGIN, define, host, error) }
            }
        };
    };
}
