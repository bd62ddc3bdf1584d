//! An author's plugin in the author's own tests, reached as a server reaches it: through the C tables that
//! [`crate::export_plugin!`] made, but without a library and without another process. What comes out has the traits of
//! the SDK again, so that a test is written once and tries the boundary too: descriptors and metadata in JSON, batches
//! and outcomes in bytes, panics as [`crate::Error::Internal`]. A server checks more; `lightbox plugins check` does all.

mod annotation_type;
mod caller;
mod image_format;

use crate::{AnnotationType, Error, ImageFormat, Result};
use lightbox_abi::*;

/// The plugin of this program. The crate that calls `export_plugin!` is linked in, which `use` of anything of it does.
#[macro_export]
macro_rules! exported_plugin {
    () => {{
        unsafe extern "C" {
            fn lbx_plugin_init(
                host: *const $crate::export::abi::LbxHost,
                error: *mut $crate::export::abi::LbxError,
            ) -> *const $crate::export::abi::LbxPlugin;
        }
        // SAFETY: `export_plugin!` defines the function, once a program.
        unsafe { $crate::testing::Exported::start(lbx_plugin_init) }
    }};
}

/// A plugin that was started.
pub struct Exported {
    capabilities: Vec<LbxCapability>,
}

impl Exported {
    /// For [`crate::exported_plugin!`].
    ///
    /// # Safety
    /// `init` is a plugin's.
    ///
    /// # Errors
    /// [`Error::Internal`] with the reason when it refuses to start.
    pub unsafe fn start(init: LbxPluginInit) -> Result<Self> {
        let mut error = LbxError::empty();
        // SAFETY: as promised by the caller; what it gives lives until the process ends.
        let plugin = unsafe { read_table(init(std::ptr::null(), &raw mut error)) };
        let plugin = plugin.ok_or_else(|| caller::error_of(LBX_INTERNAL, &error))?;
        // SAFETY: a plugin lists as many capabilities as it says.
        let each = |index| unsafe { read_table(*plugin.capabilities.add(index)) };
        Ok(Self { capabilities: (0..plugin.capability_count as usize).filter_map(each).collect() })
    }

    /// # Errors
    /// [`Error::Invalid`] when the plugin does not offer it.
    pub fn require_image_format(&self, id: &str) -> Result<impl ImageFormat + use<>> {
        let capability = self.require(LBX_IMAGE_FORMAT_V1, id)?;
        // SAFETY: the interface says which table it is.
        unsafe { image_format::Format::new(&capability) }
    }

    /// # Errors
    /// [`Error::Invalid`] when the plugin does not offer it.
    pub fn require_annotation_type(&self, id: &str) -> Result<impl AnnotationType + use<>> {
        let capability = self.require(LBX_ANNOTATION_TYPE_V1, id)?;
        // SAFETY: the interface says which table it is.
        unsafe { annotation_type::Type::new(&capability) }
    }

    fn require(&self, iface: &str, id: &str) -> Result<LbxCapability> {
        // SAFETY: texts of the plugin live until the process ends.
        let is_it = |each: &&LbxCapability| unsafe { caller::text(each.iface) == iface && caller::text(each.id) == id };
        let found = self.capabilities.iter().find(is_it).copied();
        found.ok_or_else(|| Error::Invalid(format!("the plugin does not offer {id} by {iface}")))
    }
}
