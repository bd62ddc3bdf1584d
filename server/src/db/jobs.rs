//! Queries of jobs: creating, claiming, recording, listing.

use super::DbResult;
use super::dataset_shares;
use super::entities::jobs;
use super::pages::{PositionRange, by_position};
use super::times::{from_ms, to_ms};
use crate::domain::access::Scope;
use crate::domain::ids::{DatasetId, JobId, UserId};
use crate::domain::job::{Job, JobFilter, JobKind, JobState, Progress};
use crate::domain::page::{Page, PageRequest};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

impl From<jobs::Model> for Job {
    fn from(row: jobs::Model) -> Self {
        Self {
            id: JobId(row.id),
            owner_id: UserId(row.owner_id),
            kind: JobKind::parse(&row.kind),
            state: JobState::parse(&row.state),
            input: row.input,
            created_at: from_ms(row.created_at_ms),
            started_at: row.started_at_ms.map(from_ms),
            finished_at: row.finished_at_ms.map(from_ms),
            attempts: row.attempts,
            cancel_requested: row.cancel_requested,
            progress: Progress { done: row.progress_done, total: row.progress_total, unit: row.progress_unit },
            error: row.error,
            finding_count: row.finding_count,
            dataset_id: row.dataset_id.map(DatasetId),
        }
    }
}

/// A job as it is asked for.
#[derive(Debug, Clone)]
pub struct NewJob {
    pub id: JobId,
    pub owner_id: UserId,
    pub kind: JobKind,
    pub input: String,
    pub unit: &'static str,
    pub dataset_id: Option<DatasetId>,
}

pub async fn create(connection: &impl ConnectionTrait, job: NewJob, now: DateTime<Utc>) -> DbResult<Job> {
    let row = jobs::Model {
        id: job.id.0,
        owner_id: job.owner_id.0,
        kind: job.kind.as_str().to_owned(),
        state: JobState::Queued.as_str().to_owned(),
        input: job.input,
        created_at_ms: to_ms(now),
        started_at_ms: None,
        finished_at_ms: None,
        attempts: 0,
        cancel_requested: false,
        progress_done: 0,
        progress_total: None,
        progress_unit: job.unit.to_owned(),
        error: None,
        finding_count: 0,
        dataset_id: job.dataset_id.map(|id| id.0),
    };
    jobs::Entity::insert(jobs::ActiveModel::from(row.clone())).exec_without_returning(connection).await?;
    Ok(row.into())
}

pub async fn by_ids(connection: &impl ConnectionTrait, ids: &[JobId], scope: Scope) -> DbResult<Vec<Job>> {
    let query = jobs::Entity::find().filter(jobs::Column::Id.is_in(ids.iter().map(|id| id.0)));
    let rows = query.filter(within(scope)).all(connection).await?;
    Ok(rows.into_iter().map(Job::from).collect())
}

pub async fn find(connection: &impl ConnectionTrait, id: JobId, scope: Scope) -> DbResult<Option<Job>> {
    let query = jobs::Entity::find_by_id(id.0).filter(within(scope));
    Ok(query.one(connection).await?.map(Job::from))
}

/// Whoever sees a dataset sees the jobs that made, read or changed it.
fn within(scope: Scope) -> Condition {
    match scope {
        Scope::Everything => Condition::all(),
        Scope::Of(user) => Condition::any()
            .add(jobs::Column::OwnerId.eq(user.0))
            .add(jobs::Column::DatasetId.in_subquery(dataset_shares::visible_to(user))),
    }
}

fn matching(scope: Scope, filter: &JobFilter) -> Condition {
    let mut condition = Condition::all().add(within(scope));
    if let Some(kinds) = &filter.kind {
        condition = condition.add(jobs::Column::Kind.is_in(kinds.iter().map(|kind| kind.as_str())));
    }
    if let Some(states) = &filter.state {
        condition = condition.add(jobs::Column::State.is_in(states.iter().map(|state| state.as_str())));
    }
    condition
}

/// Newest first. The cursor is the job's number; `after` means older.
pub async fn list(
    connection: &impl ConnectionTrait,
    scope: Scope,
    filter: &JobFilter,
    page: &PageRequest,
    (after, before): (Option<i64>, Option<i64>),
) -> DbResult<Page<Job>> {
    // Positions grow with age here, so the ends of the range change places.
    let reversed = PageRequest { backward: !page.backward, ..page.clone() };
    let query = jobs::Entity::find().filter(matching(scope, filter));
    let query = by_position(query, jobs::Column::Id, &reversed, PositionRange { after: before, before: after });
    let rows = query.all(connection).await?;
    Ok(page.page(rows).map(Job::from))
}

/// The count of findings that every job keeps.
pub async fn list_finding_counts(connection: &impl ConnectionTrait) -> DbResult<Vec<(JobId, i64)>> {
    let query = jobs::Entity::find().select_only().columns([jobs::Column::Id, jobs::Column::FindingCount]);
    let rows: Vec<(i64, i64)> = query.order_by_asc(jobs::Column::Id).into_tuple().all(connection).await?;
    Ok(rows.into_iter().map(|(job, count)| (JobId(job), count)).collect())
}

pub async fn count(connection: &impl ConnectionTrait, scope: Scope, filter: &JobFilter) -> DbResult<u64> {
    Ok(jobs::Entity::find().filter(matching(scope, filter)).count(connection).await?)
}

/// The oldest job that waits, now running; `None` when none waits.
pub async fn claim_next(connection: &impl ConnectionTrait, now: DateTime<Utc>) -> DbResult<Option<Job>> {
    let waiting = jobs::Entity::find()
        .filter(jobs::Column::State.eq(JobState::Queued.as_str()))
        .order_by_asc(jobs::Column::Id)
        .one(connection)
        .await?;
    let Some(mut job) = waiting else { return Ok(None) };
    let result = jobs::Entity::update_many()
        .col_expr(jobs::Column::State, Expr::value(JobState::Running.as_str()))
        .col_expr(jobs::Column::StartedAtMs, Expr::value(to_ms(now)))
        .col_expr(jobs::Column::Attempts, Expr::col(jobs::Column::Attempts).add(1))
        .filter(jobs::Column::Id.eq(job.id))
        .filter(jobs::Column::State.eq(JobState::Queued.as_str()))
        .exec(connection)
        .await?;
    job.state = JobState::Running.as_str().to_owned();
    job.started_at_ms = Some(to_ms(now));
    job.attempts += 1;
    Ok((result.rows_affected == 1).then(|| job.into()))
}

/// Jobs that a stopped server left running wait again.
pub async fn requeue_running(connection: &impl ConnectionTrait) -> DbResult<u64> {
    let result = jobs::Entity::update_many()
        .col_expr(jobs::Column::State, Expr::value(JobState::Queued.as_str()))
        .col_expr(jobs::Column::ProgressDone, Expr::value(0))
        .filter(jobs::Column::State.eq(JobState::Running.as_str()))
        .exec(connection)
        .await?;
    Ok(result.rows_affected)
}

pub async fn record_progress(connection: &impl ConnectionTrait, id: JobId, progress: &Progress) -> DbResult<()> {
    jobs::Entity::update_many()
        .col_expr(jobs::Column::ProgressDone, Expr::value(progress.done))
        .col_expr(jobs::Column::ProgressTotal, Expr::value(progress.total))
        .filter(jobs::Column::Id.eq(id.0))
        .exec(connection)
        .await?;
    Ok(())
}

/// Marks a job as to be cancelled unless it has ended; true when it was marked.
pub async fn request_cancel(connection: &impl ConnectionTrait, id: JobId) -> DbResult<bool> {
    let open = [JobState::Queued.as_str(), JobState::Running.as_str()];
    let result = jobs::Entity::update_many()
        .col_expr(jobs::Column::CancelRequested, Expr::value(true))
        .filter(jobs::Column::Id.eq(id.0))
        .filter(jobs::Column::State.is_in(open))
        .exec(connection)
        .await?;
    Ok(result.rows_affected == 1)
}

/// How a job ended.
pub async fn finish(
    connection: &impl ConnectionTrait,
    id: JobId,
    state: JobState,
    error: Option<String>,
    now: DateTime<Utc>,
) -> DbResult<()> {
    let row = jobs::ActiveModel {
        id: Set(id.0),
        state: Set(state.as_str().to_owned()),
        error: Set(error),
        finished_at_ms: Set(Some(to_ms(now))),
        ..Default::default()
    };
    jobs::Entity::update(row).exec_without_returning(connection).await?;
    Ok(())
}

/// Jobs of one kind that made, read or added to the dataset.
pub async fn list_ids_of_dataset(
    connection: &impl ConnectionTrait,
    dataset: DatasetId,
    kind: JobKind,
) -> DbResult<Vec<JobId>> {
    let query = jobs::Entity::find().select_only().column(jobs::Column::Id);
    let query = query.filter(jobs::Column::DatasetId.eq(dataset.0)).filter(jobs::Column::Kind.eq(kind.as_str()));
    let ids: Vec<i64> = query.into_tuple().all(connection).await?;
    Ok(ids.into_iter().map(JobId).collect())
}

/// The dataset of a job is gone for good.
pub async fn forget_dataset(connection: &impl ConnectionTrait, dataset: DatasetId) -> DbResult<()> {
    jobs::Entity::update_many()
        .col_expr(jobs::Column::DatasetId, Expr::value(Option::<i64>::None))
        .filter(jobs::Column::DatasetId.eq(dataset.0))
        .exec(connection)
        .await?;
    Ok(())
}

/// An interrupted job waits again, and the interrupted start does not count.
pub async fn release(connection: &impl ConnectionTrait, id: JobId) -> DbResult<()> {
    jobs::Entity::update_many()
        .col_expr(jobs::Column::State, Expr::value(JobState::Queued.as_str()))
        .col_expr(jobs::Column::Attempts, Expr::col(jobs::Column::Attempts).sub(1))
        .filter(jobs::Column::Id.eq(id.0))
        .filter(jobs::Column::State.eq(JobState::Running.as_str()))
        .exec(connection)
        .await?;
    Ok(())
}
