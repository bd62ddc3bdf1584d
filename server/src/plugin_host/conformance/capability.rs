//! One thing that a plugin offers, as the checks see it.

use crate::plugin_host::task::Task;
use lightbox_sdk::{AnnotationTypeDescriptor, ImageFormatDescriptor};

/// An image format or an annotation type.
pub enum Capability {
    Image(ImageFormatDescriptor),
    Annotations(AnnotationTypeDescriptor),
}

/// Longest side of the thumbnails that are asked for.
const THUMBNAIL_PIXELS: u32 = 64;

impl Capability {
    pub fn id(&self) -> &str {
        match self {
            Self::Image(descriptor) => &descriptor.id,
            Self::Annotations(descriptor) => &descriptor.id,
        }
    }

    /// The calls that read a file of this name. `format`: of an annotation document; empty: every one.
    pub fn readings(&self, name: &str, format: &str) -> Vec<Task> {
        match self {
            Self::Image(ImageFormatDescriptor { id, .. }) => {
                let inspect = Task::Inspect { format: id.clone(), thumbnail_size: THUMBNAIL_PIXELS };
                vec![inspect, Task::Elements { format: id.clone() }]
            }
            Self::Annotations(AnnotationTypeDescriptor { id, formats, .. }) => {
                let name = name.to_owned();
                let recognise =
                    Task::Recognise { annotation_type: id.clone(), name: name.clone(), format: String::new() };
                let formats = if format.is_empty() { formats.clone() } else { vec![format.to_owned()] };
                let import = |format| Task::Import { annotation_type: id.clone(), name: name.clone(), format };
                std::iter::once(recognise).chain(formats.into_iter().map(import)).collect()
            }
        }
    }
}
