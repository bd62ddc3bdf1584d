//! The digest of a dataset's content, kept from when it is first asked for until the content changes.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let datasets = || Table::alter().table("datasets").take();
        manager.alter_table(datasets().add_column(count("content_revision")).take()).await?;
        manager.alter_table(datasets().add_column(optional_text("digest")).take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let datasets = || Table::alter().table("datasets").take();
        manager.alter_table(datasets().drop_column("digest").take()).await?;
        manager.alter_table(datasets().drop_column("content_revision").take()).await
    }
}
