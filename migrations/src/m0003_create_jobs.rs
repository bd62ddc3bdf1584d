//! Work that outlives a request, and what it refused or repaired.

use crate::columns::*;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let jobs = Table::create()
            .table("jobs")
            .col(id("id"))
            .col(number("owner_id"))
            .col(text("kind"))
            .col(text("state"))
            .col(text("input"))
            .col(number("created_at_ms"))
            .col(optional_number("started_at_ms"))
            .col(optional_number("finished_at_ms"))
            .col(count("attempts"))
            .col(flag("cancel_requested"))
            .col(count("progress_done"))
            .col(optional_number("progress_total"))
            .col(text("progress_unit"))
            .col(optional_text("error"))
            .col(count("finding_count"))
            .col(optional_number("dataset_id"))
            .foreign_key(&mut belongs_to("jobs", "owner_id", "users"))
            .take();
        manager.create_table(jobs).await?;
        let findings = Table::create()
            .table("findings")
            .col(number("job_id"))
            .col(number("position"))
            .col(text("severity"))
            .col(text("code"))
            .col(text("message"))
            .col(optional_text("path"))
            .col(optional_number("line"))
            .primary_key(Index::create().col("job_id").col("position"))
            .foreign_key(&mut belongs_to("findings", "job_id", "jobs"))
            .take();
        manager.create_table(findings).await?;
        let indexes =
            vec![index("jobs", &["owner_id", "id"]), index("jobs", &["state", "id"]), index("jobs", &["dataset_id"])];
        create_indexes(manager, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["findings", "jobs"]).await
    }
}
