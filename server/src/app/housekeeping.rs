//! What is cleared away without anybody asking: expired uploads, exports and sessions, and files of uploads that no row
//! knows. What a job left of its files is cleared away by the runner of jobs.

use crate::db;
use crate::domain::ids::UploadId;
use crate::services::{ServiceResult, Services, exports, sessions, uploads};
use std::collections::HashSet;
use std::ffi::OsString;
use std::time::Duration;

const INTERVAL: Duration = Duration::from_secs(600);
/// A new upload is a file before it is a row: a file that no upload knows is left alone for so long.
const GRACE: Duration = Duration::from_secs(600);

pub async fn run(services: Services) {
    loop {
        report("uploads", uploads::remove_expired(&services).await);
        if let Err(error) = remove_foreign_files(&services, GRACE).await {
            tracing::error!(%error, "files that no upload knows could not be removed");
        }
        report("exports", exports::remove_expired(&services).await);
        report("sessions", sessions::remove_expired(&services).await);
        tokio::time::sleep(INTERVAL).await;
    }
}

fn report(what: &str, removed: ServiceResult<usize>) {
    match removed {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "expired {what} removed"),
        Err(error) => tracing::error!(%error, "expired {what} could not be removed"),
    }
}

/// A crash between a file and its row leaves the file, and so does a disk that fails. `grace`: the least time since it was
/// written to; none before anything can be uploaded.
pub async fn remove_foreign_files(services: &Services, grace: Duration) -> ServiceResult<()> {
    let known = db::uploads::list_ids(services.db.read()).await?;
    let Some(folder) = known_folder(services) else { return Ok(()) };
    let known: HashSet<OsString> = known.into_iter().map(|id| id.to_string().into()).collect();
    let mut entries = tokio::fs::read_dir(folder).await?;
    while let Some(entry) = entries.next_entry().await? {
        if known.contains(&entry.file_name()) {
            continue;
        }
        let metadata = entry.metadata().await?;
        // A time to come is one of a clock that was wrong.
        let age = metadata.modified()?.elapsed().unwrap_or(Duration::MAX);
        if metadata.is_file() && age >= grace {
            tracing::info!(path = %entry.path().display(), "a file that no upload knows is removed");
            tokio::fs::remove_file(entry.path()).await?;
        }
    }
    Ok(())
}

/// The folder that every upload's file is in.
fn known_folder(services: &Services) -> Option<std::path::PathBuf> {
    Some(services.upload_path(UploadId(0)).parent()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::App;
    use crate::config::Config;
    use std::fs::File;
    use std::time::SystemTime;

    #[tokio::test]
    async fn a_file_that_no_upload_knows_goes_once_it_is_old_and_what_may_become_an_upload_stays() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config { data_dir: folder.path().to_owned(), ..Config::default() };
        config.plugins.directories = Some(Vec::new());
        let app = App::open(config).await.unwrap();
        let (old, new) = (app.services.upload_path(UploadId(7)), app.services.upload_path(UploadId(8)));
        File::create(&old).unwrap().set_modified(SystemTime::now() - GRACE * 2).unwrap();
        File::create(&new).unwrap();
        remove_foreign_files(&app.services, GRACE).await.unwrap();
        assert!(!old.exists() && new.exists());
        remove_foreign_files(&app.services, Duration::ZERO).await.unwrap();
        assert!(!new.exists());
    }
}
