//! The tables as sea-orm sees them, one a file; private to `db`.

pub mod annotated_image_labels;
pub mod annotated_images;
pub mod annotation_sets;
pub mod api_tokens;
pub mod audit_events;
pub mod combined_sources;
pub mod dataset_shares;
pub mod datasets;
pub mod derivatives;
pub mod findings;
pub mod group_members;
pub mod images;
pub mod jobs;
pub mod labels;
pub mod sessions;
pub mod studies;
pub mod uploads;
pub mod user_groups;
pub mod users;
pub mod webhook_deliveries;
