//! What systems outside made from a dataset or an annotation set: it ends with what it was made from.

use crate::columns::*;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let derivatives = Table::create()
            .table("derivatives")
            .col(id("id"))
            .col(number("dataset_id"))
            .col(optional_number("annotation_set_id"))
            .col(text("kind"))
            .col(text("name"))
            .col(optional_text("url"))
            .col(number("created_at_ms"))
            .foreign_key(&mut belongs_to("derivatives", "dataset_id", "datasets"))
            .foreign_key(&mut belongs_to("derivatives", "annotation_set_id", "annotation_sets"))
            .take();
        manager.create_table(derivatives).await?;
        let indexes =
            vec![index("derivatives", &["dataset_id", "id"]), index("derivatives", &["annotation_set_id", "id"])];
        create_indexes(manager, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["derivatives"]).await
    }
}
