//! Findings of a job as a table to download.

use super::csv_rows::{csv_rows, spreadsheet_text};
use super::{ServiceResult, Services};
use crate::db;
use crate::domain::findings::{Finding, severity_word};
use crate::domain::job::Job;

/// Rows that are read and written at a time.
const ROWS_PER_PART: u64 = 2_000;

/// A part of the table, and where the next one begins.
pub struct Part {
    pub csv: Vec<u8>,
    /// `None` after the last.
    pub next: Option<i64>,
}

/// The first part of the table of a job that the viewer was shown; it has the header row.
pub async fn first_part(services: &Services, job: &Job) -> ServiceResult<Part> {
    let header = ["severity", "code", "path", "line", "message"].map(str::to_owned);
    let Part { csv, next } = part(services, job, -1).await?;
    Ok(Part { csv: [csv_rows([header])?, csv].concat(), next })
}

/// The rows after a position.
pub async fn part(services: &Services, job: &Job, after: i64) -> ServiceResult<Part> {
    let rows = db::findings::list_after(services.db.read(), job.id, after, ROWS_PER_PART).await?;
    let next = (rows.len() as u64 == ROWS_PER_PART).then(|| rows.last().map(|row| row.position)).flatten();
    Ok(Part { csv: csv_rows(rows.into_iter().map(|row| fields(&row.finding)))?, next })
}

fn fields(finding: &Finding) -> [String; 5] {
    [
        severity_word(finding.severity).to_owned(),
        spreadsheet_text(&finding.code),
        spreadsheet_text(finding.path.as_deref().unwrap_or_default()),
        finding.line.map_or_else(String::new, |line| line.to_string()),
        spreadsheet_text(&finding.message),
    ]
}
