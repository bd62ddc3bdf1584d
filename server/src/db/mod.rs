//! All SQL of the server: one query a function, SQLite now, PostgreSQL alike. No permission is decided here; queries
//! take the scope that a service decided on.

pub mod annotated_images;
pub mod annotation_sets;
pub mod api_tokens;
pub mod audit_events;
pub mod combined_sources;
mod connection;
pub mod dataset_shares;
pub mod datasets;
pub mod derivatives;
mod entities;
mod error;
pub mod findings;
pub mod groups;
pub mod images;
pub mod jobs;
pub mod labels;
mod pages;
pub mod sessions;
pub mod studies;
mod times;
pub mod uploads;
pub mod users;
pub mod webhook_deliveries;

pub use connection::{Database, Transaction};
pub use error::{DbError, DbResult};
