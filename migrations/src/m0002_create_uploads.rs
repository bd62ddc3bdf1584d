//! Places that files are sent to; how much has arrived is the file's own length.

use crate::columns::*;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let uploads = Table::create()
            .table("uploads")
            .col(id("id"))
            .col(number("owner_id"))
            .col(text("filename"))
            .col(number("size_bytes"))
            .col(number("created_at_ms"))
            .col(number("expires_at_ms"))
            .col(optional_number("job_id"))
            .foreign_key(&mut belongs_to("uploads", "owner_id", "users"))
            .take();
        manager.create_table(uploads).await?;
        create_indexes(manager, vec![index("uploads", &["owner_id"]), index("uploads", &["expires_at_ms"])]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["uploads"]).await
    }
}
