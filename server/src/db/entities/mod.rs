//! The tables as sea-orm sees them, one a file; private to `db`.

pub mod annotated_image_labels;
pub mod annotated_images;
pub mod annotation_sets;
pub mod api_tokens;
pub mod combined_sources;
pub mod datasets;
pub mod derivatives;
pub mod findings;
pub mod images;
pub mod jobs;
pub mod labels;
pub mod studies;
pub mod uploads;
pub mod users;
pub mod webhook_deliveries;
