//! Queries of findings.

use super::DbResult;
use super::entities::{findings, jobs};
use super::pages::{PositionRange, by_position, equals, for_each_parent, group_pages};
use crate::domain::findings::{Finding, parse_severity, severity_word};
use crate::domain::ids::JobId;
use crate::domain::page::{Page, PageRequest};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

/// A finding with its place in the job's list.
#[derive(Debug, Clone)]
pub struct PlacedFinding {
    pub job_id: JobId,
    pub position: i64,
    pub finding: Finding,
}

impl From<findings::Model> for PlacedFinding {
    fn from(row: findings::Model) -> Self {
        let finding = Finding {
            severity: parse_severity(&row.severity),
            code: row.code,
            message: row.message,
            path: row.path,
            line: row.line.and_then(|line| u32::try_from(line).ok()),
        };
        Self { job_id: JobId(row.job_id), position: row.position, finding }
    }
}

/// Rows of one INSERT: 7 columns each, and SQLite takes 32,766 values.
const ROWS_PER_INSERT: usize = 4_000;

/// How many findings each job has; jobs without any are left out.
pub async fn count_by_jobs(connection: &impl ConnectionTrait) -> DbResult<Vec<(JobId, i64)>> {
    let rows: Vec<(i64, i64)> = findings::Entity::find()
        .select_only()
        .column(findings::Column::JobId)
        .column_as(findings::Column::Position.count(), "count")
        .group_by(findings::Column::JobId)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(|(job, count)| (JobId(job), count)).collect())
}

/// Corrects the kept count of a job.
pub async fn set_count(connection: &impl ConnectionTrait, job: JobId, count: i64) -> DbResult<()> {
    jobs::Entity::update_many()
        .col_expr(jobs::Column::FindingCount, Expr::value(count))
        .filter(jobs::Column::Id.eq(job.0))
        .exec(connection)
        .await?;
    Ok(())
}

/// Replaces the findings of a job and its count of them.
pub async fn replace(connection: &impl ConnectionTrait, job: JobId, list: Vec<Finding>) -> DbResult<()> {
    findings::Entity::delete_many().filter(findings::Column::JobId.eq(job.0)).exec(connection).await?;
    let count = list.len() as i64;
    let rows: Vec<findings::ActiveModel> = list
        .into_iter()
        .enumerate()
        .map(|(position, finding)| {
            let row = findings::Model {
                job_id: job.0,
                position: position as i64,
                severity: severity_word(finding.severity).to_owned(),
                code: finding.code,
                message: finding.message,
                path: finding.path,
                line: finding.line.map(i64::from),
            };
            row.into()
        })
        .collect();
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        findings::Entity::insert_many(chunk.iter().cloned()).exec_without_returning(connection).await?;
    }
    set_count(connection, job, count).await
}

/// Up to `limit` findings of a job after a position, in the order found.
pub async fn list_after(
    connection: &impl ConnectionTrait,
    job: JobId,
    position: i64,
    limit: u64,
) -> DbResult<Vec<PlacedFinding>> {
    let rows = findings::Entity::find()
        .filter(findings::Column::JobId.eq(job.0))
        .filter(findings::Column::Position.gt(position))
        .order_by_asc(findings::Column::Position)
        .limit(limit)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(PlacedFinding::from).collect())
}

/// One page of findings for each job, in the order found.
pub async fn pages_by_jobs(
    connection: &impl ConnectionTrait,
    jobs: &[JobId],
    page: &PageRequest,
    (after, before): (Option<i64>, Option<i64>),
) -> DbResult<Vec<(JobId, Page<PlacedFinding>)>> {
    let parents: Vec<i64> = jobs.iter().map(|id| id.0).collect();
    let rows: Vec<findings::Model> = for_each_parent(connection, &parents, |job| {
        let query = findings::Entity::find().filter(equals(findings::Column::JobId, job));
        by_position(query, findings::Column::Position, page, PositionRange { after, before }).into_query()
    })
    .await?;
    let rows = rows.into_iter().map(PlacedFinding::from).collect();
    Ok(group_pages(jobs, rows, |row: &PlacedFinding| row.job_id, page))
}
