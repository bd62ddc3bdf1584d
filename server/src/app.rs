//! The application as a whole: everything that a configuration names, opened in one data directory.

mod data_dir;
mod housekeeping;

use crate::blobs::Blobs;
use crate::config::Config;
use crate::db::Database;
use crate::domain::user::Quota;
use crate::plugin_host::{PluginHost, PluginHostSettings};
use crate::services::Services;
use crate::services::events::Events;
use crate::services::exports::ExportFolder;
use crate::services::keys::Keys;
use crate::services::uploads::UploadFolder;
use anyhow::Context;
use data_dir::DataDirLock;
pub use data_dir::make_private_folder;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Holds its data directory for as long as it lives, unless it was opened beside a server.
pub struct App {
    pub config: Config,
    pub services: Services,
    _lock: Option<DataDirLock>,
}

impl App {
    /// Makes what is not there, applies migrations, loads plugins.
    ///
    /// # Errors
    /// When another process has the data directory, or something in it cannot be opened.
    pub async fn open(config: Config) -> anyhow::Result<Self> {
        make_private_folder(&config.data_dir)?;
        let lock = DataDirLock::take(&config.data_dir)?;
        Ok(Self { services: open_services(&config).await?, config, _lock: Some(lock) })
    }

    /// The same while a server may have the directory, for changes that one transaction holds.
    pub async fn open_beside_server(config: Config) -> anyhow::Result<Self> {
        make_private_folder(&config.data_dir)?;
        Ok(Self { services: open_services(&config).await?, config, _lock: None })
    }

    /// Removes files of uploads that no row knows. Only before anything can be uploaded.
    ///
    /// # Errors
    /// When the folder of uploads cannot be read or a file in it cannot be removed.
    pub async fn tidy(&self) -> anyhow::Result<()> {
        let removed = housekeeping::remove_foreign_files(&self.services, Duration::ZERO).await;
        removed.context("cannot tidy the folder of uploads")
    }

    /// Removes expired uploads and exports from time to time; never returns.
    pub async fn keep_house(services: Services) {
        housekeeping::run(services).await;
    }
}

/// Plugins alone, for `lightbox plugins list`.
pub fn load_plugins(config: &Config) -> PluginHost {
    PluginHost::load(plugin_settings(config))
}

/// What a configuration says of plugins.
pub fn plugin_settings(config: &Config) -> PluginHostSettings {
    PluginHostSettings {
        directories: config.plugins.directories.clone(),
        data_dir: Some(config.data_dir.clone()),
        max_pixels_bytes: config.limits.frame_bytes,
        call_timeout_ms: config.plugins.call_timeout_ms,
        isolation: config.plugins.isolation,
        memory_limit_bytes: config.plugins.memory_limit_bytes,
        allow: config.plugins.allow.clone(),
        disable: config.plugins.disable.clone(),
        prefer: config.plugins.prefer.clone(),
        ..PluginHostSettings::default()
    }
}

async fn open_services(config: &Config) -> anyhow::Result<Services> {
    let folder = &config.data_dir;
    let db = open_database(folder).await?;
    let (uploads, exports) = (folder.join("uploads"), folder.join("exports"));
    let plugins = {
        let config = config.clone();
        tokio::task::spawn_blocking(move || load_plugins(&config)).await?
    };
    Ok(Services {
        db,
        blobs: Blobs::open(folder.join("blobs"))?,
        plugins,
        events: Events::default(),
        keys: Arc::new(Keys::open(folder).context("cannot open the server's key")?),
        limits: Arc::new(config.limits.clone()),
        uploads: Arc::new(
            UploadFolder::open(uploads.clone()).with_context(|| format!("cannot open {}", uploads.display()))?,
        ),
        exports: Arc::new(
            ExportFolder::open(exports.clone(), config.exports.lifetime_seconds)
                .with_context(|| format!("cannot open {}", exports.display()))?,
        ),
        quotas: Quota { bytes: config.quotas.user_bytes, images: config.quotas.user_images },
        sign_in: Arc::new(config.sign_in.clone()),
        sign_in_delays: Arc::default(),
        token_uses: Arc::default(),
        webhook_urls: config.webhooks.endpoints.iter().map(|endpoint| endpoint.url.clone()).collect(),
    })
}

async fn open_database(folder: &Path) -> anyhow::Result<Database> {
    let file = folder.join("lightbox.db");
    Database::open(&file).await.with_context(|| format!("cannot open the database {}", file.display()))
}

/// Brings the database to the newest shape.
///
/// # Errors
/// When a server has the data directory, or a migration fails.
pub async fn migrate(config: &Config) -> anyhow::Result<Database> {
    make_private_folder(&config.data_dir)?;
    let _lock = DataDirLock::take(&config.data_dir)?;
    open_database(&config.data_dir).await
}
