//! Queries of uploads.

use super::DbResult;
use super::entities::uploads;
use super::times::{from_ms, to_ms};
use crate::domain::access::Scope;
use crate::domain::ids::{JobId, UploadId, UserId};
use crate::domain::upload::Upload;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

impl From<uploads::Model> for Upload {
    fn from(row: uploads::Model) -> Self {
        Self {
            id: UploadId(row.id),
            owner_id: UserId(row.owner_id),
            filename: row.filename,
            size_bytes: row.size_bytes as u64,
            expires_at: from_ms(row.expires_at_ms),
            job_id: row.job_id.map(JobId),
        }
    }
}

pub async fn create(connection: &impl ConnectionTrait, upload: &Upload, now: DateTime<Utc>) -> DbResult<()> {
    let row = uploads::ActiveModel {
        id: Set(upload.id.0),
        owner_id: Set(upload.owner_id.0),
        filename: Set(upload.filename.clone()),
        size_bytes: Set(upload.size_bytes as i64),
        created_at_ms: Set(to_ms(now)),
        expires_at_ms: Set(to_ms(upload.expires_at)),
        job_id: Set(None),
    };
    uploads::Entity::insert(row).exec_without_returning(connection).await?;
    Ok(())
}

pub async fn find(connection: &impl ConnectionTrait, id: UploadId, scope: Scope) -> DbResult<Option<Upload>> {
    let row = uploads::Entity::find_by_id(id.0).one(connection).await?;
    Ok(row.map(Upload::from).filter(|upload| scope.owns(upload.owner_id)))
}

/// Bytes that the uploads of each user will take once they are whole; who has none is left out.
pub async fn size_bytes_by_owners(
    connection: &impl ConnectionTrait,
    owners: &[UserId],
) -> DbResult<Vec<(UserId, i64)>> {
    // SQLite sums whole numbers to a whole number, PostgreSQL to a decimal one.
    let sum = Expr::col(uploads::Column::SizeBytes).sum().cast_as("bigint");
    let owner = uploads::Column::OwnerId;
    let query = uploads::Entity::find().select_only().column(owner).column_as(sum, "sum");
    let query = query.filter(owner.is_in(owners.iter().map(|owner| owner.0))).group_by(owner);
    let rows: Vec<(i64, i64)> = query.into_tuple().all(connection).await?;
    Ok(rows.into_iter().map(|(owner, bytes)| (UserId(owner), bytes)).collect())
}

/// Gives the upload to a job; false when another job has it already.
pub async fn claim(connection: &impl ConnectionTrait, id: UploadId, job: JobId) -> DbResult<bool> {
    let result = uploads::Entity::update_many()
        .col_expr(uploads::Column::JobId, Expr::value(job.0))
        .filter(uploads::Column::Id.eq(id.0))
        .filter(uploads::Column::JobId.is_null())
        .exec(connection)
        .await?;
    Ok(result.rows_affected == 1)
}

/// False when a job has it, or it is not there.
pub async fn delete_unclaimed(connection: &impl ConnectionTrait, id: UploadId) -> DbResult<bool> {
    let result = uploads::Entity::delete_many()
        .filter(uploads::Column::Id.eq(id.0))
        .filter(uploads::Column::JobId.is_null())
        .exec(connection)
        .await?;
    Ok(result.rows_affected == 1)
}

/// What the job had taken.
pub async fn delete_of_job(connection: &impl ConnectionTrait, job: JobId) -> DbResult<()> {
    uploads::Entity::delete_many().filter(uploads::Column::JobId.eq(job.0)).exec(connection).await?;
    Ok(())
}

/// For a copy of the database that the files do not come with.
pub async fn delete_all(connection: &impl ConnectionTrait) -> DbResult<()> {
    uploads::Entity::delete_many().exec(connection).await?;
    Ok(())
}

/// Uploads that nobody finished in time.
pub async fn list_expired(connection: &impl ConnectionTrait, now: DateTime<Utc>) -> DbResult<Vec<Upload>> {
    let rows = uploads::Entity::find()
        .filter(uploads::Column::ExpiresAtMs.lt(to_ms(now)))
        .filter(uploads::Column::JobId.is_null())
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(Upload::from).collect())
}

pub async fn list_ids(connection: &impl ConnectionTrait) -> DbResult<Vec<UploadId>> {
    let rows = uploads::Entity::find().all(connection).await?;
    Ok(rows.into_iter().map(|row| UploadId(row.id)).collect())
}
