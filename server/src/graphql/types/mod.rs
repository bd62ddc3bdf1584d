//! The schema's output types, one noun a file.

mod annotated_image;
mod annotation;
mod annotation_set;
mod combine_preview;
mod dataset;
mod deletion_preview;
mod derivative;
mod finding;
mod image;
mod job;
mod label;
mod label_distribution;
mod node;
mod plugin;
mod study;
mod upload;
mod user;
mod webhook_delivery;

pub use annotated_image::AnnotatedImages;
pub use annotation::Annotation;
pub use annotation_set::AnnotationSet;
pub use combine_preview::CombinePreview;
pub use dataset::Dataset;
pub use deletion_preview::DeletionPreview;
pub use derivative::{Derivative, Usage};
pub use finding::Finding;
pub use image::Image;
pub use job::Job;
pub use label::Label;
pub use label_distribution::LabelDistribution;
pub use node::Node;
pub use plugin::{AnnotationType, ImageFormat, Plugin, RefusedPlugin};
pub use study::Study;
pub use upload::Upload;
pub use user::User;
pub use webhook_delivery::WebhookDelivery;
