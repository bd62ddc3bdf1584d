//! Waiting for a job with a progress bar, by asking from time to time.

use super::answers::{JobState, Progress};
use super::api::Api;
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

const INTERVAL: Duration = Duration::from_millis(300);
/// Questions in a row that may stay unanswered: a server that restarts goes on with the job.
const MAX_UNANSWERED: u32 = 60;

pub async fn until_it_ends(api: &Api, job: &str) -> anyhow::Result<()> {
    let bar = ProgressBar::no_length();
    let known = ProgressStyle::with_template("Importing {bar:40} {pos}/{len} {msg}  {eta}")?;
    let unknown = ProgressStyle::with_template("Importing {spinner} {pos} {msg}")?;
    let mut unanswered = 0;
    loop {
        match api.job_status(job).await {
            Ok(status) if !matches!(status.state, JobState::Queued | JobState::Running) => break,
            Ok(status) => {
                unanswered = 0;
                show(&bar, &status.progress, (&known, &unknown));
            }
            Err(error) if unanswered >= MAX_UNANSWERED => return Err(error),
            Err(_) => unanswered += 1,
        }
        tokio::time::sleep(INTERVAL).await;
    }
    bar.finish_and_clear();
    Ok(())
}

fn show(bar: &ProgressBar, progress: &Progress, (known, unknown): (&ProgressStyle, &ProgressStyle)) {
    bar.set_style(if progress.total.is_some() { known.clone() } else { unknown.clone() });
    if let Some(total) = progress.total {
        bar.set_length(total);
    }
    bar.set_position(progress.done);
    bar.set_message(progress.unit.clone());
}
