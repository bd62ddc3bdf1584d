//! Use cases: authorise, decide, call stores, enqueue; one transaction each. The only place where permission is
//! decided: every function that serves a request takes the viewer.

pub mod annotate;
pub mod annotation_sets;
pub mod audit;
pub mod bytes;
pub mod check;
pub mod combine;
mod compute;
mod csv_rows;
mod dataset_content;
pub mod dataset_digest;
pub mod dataset_shares;
pub mod datasets;
pub mod deletion;
pub mod derivatives;
pub mod endings;
mod error;
pub mod events;
pub mod exports;
pub mod findings;
pub mod groups;
pub mod images;
pub mod imports;
pub mod jobs;
pub mod keys;
mod passwords;
pub mod permission;
pub mod plugins;
pub mod quotas;
mod secrets;
pub mod sessions;
mod sign_in_delays;
pub mod studies;
pub mod tokens;
pub mod uploads;
pub mod users;
pub mod webhooks;

pub use compute::compute;
pub use dataset_content::{DatasetContent, load_content};
pub use error::{DISK_FULL, ServiceError, ServiceResult};

use crate::blobs::Blobs;
use crate::config::{Limits, SignInConfig};
use crate::db::Database;
use crate::domain::user::Quota;
use crate::plugin_host::PluginHost;
use events::Events;
use keys::Keys;
pub use sign_in_delays::SignInDelays;
use std::path::PathBuf;
use std::sync::Arc;

/// What the use cases work with. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    pub db: Database,
    pub blobs: Blobs,
    pub plugins: PluginHost,
    pub events: Events,
    pub keys: Arc<Keys>,
    pub limits: Arc<Limits>,
    pub uploads: Arc<uploads::UploadFolder>,
    pub exports: Arc<exports::ExportFolder>,
    /// What a user may keep who has no limits of his own.
    pub quotas: Quota,
    pub sign_in: Arc<SignInConfig>,
    pub sign_in_delays: Arc<SignInDelays>,
    pub token_uses: Arc<tokens::TokenUses>,
    /// Who is told of what happens outside.
    pub webhook_urls: Arc<[String]>,
}

impl Services {
    /// Where arriving files are kept until a job has read them.
    pub fn upload_path(&self, upload: crate::domain::ids::UploadId) -> PathBuf {
        self.uploads.path(upload)
    }
}
