//! What systems outside are to be told, and how telling them went: one row an event and receiver, written in the
//! transaction of the change itself. No foreign key: a row outlives the dataset that it tells of.

use crate::columns::*;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let deliveries = Table::create()
            .table("webhook_deliveries")
            .col(id("id"))
            .col(number("event_id"))
            .col(text("event"))
            .col(number("dataset_id"))
            .col(text("data"))
            .col(number("happened_at_ms"))
            .col(text("url"))
            .col(text("state"))
            .col(count("attempts"))
            .col(optional_number("last_attempt_at_ms"))
            .col(optional_number("next_attempt_at_ms"))
            .col(optional_number("ended_at_ms"))
            .col(optional_number("status"))
            .col(optional_text("error"))
            .take();
        manager.create_table(deliveries).await?;
        let indexes =
            vec![index("webhook_deliveries", &["state", "url", "id"]), index("webhook_deliveries", &["ended_at_ms"])];
        create_indexes(manager, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["webhook_deliveries"]).await
    }
}
