//! Who else may see or change a dataset: groups of users, and shares with a user or a group.

use crate::columns::*;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let groups = Table::create()
            .table("user_groups")
            .col(id("id"))
            .col(text("name").unique_key())
            .col(number("created_at_ms"))
            .take();
        manager.create_table(groups).await?;
        let members = Table::create()
            .table("group_members")
            .col(number("group_id"))
            .col(number("user_id"))
            .primary_key(Index::create().col("group_id").col("user_id"))
            .foreign_key(&mut belongs_to("group_members", "group_id", "user_groups"))
            .foreign_key(&mut belongs_to("group_members", "user_id", "users"))
            .take();
        manager.create_table(members).await?;
        // Of user_id and group_id, one is set.
        let shares = Table::create()
            .table("dataset_shares")
            .col(id("id"))
            .col(number("dataset_id"))
            .col(optional_number("user_id"))
            .col(optional_number("group_id"))
            .col(text("role"))
            .col(number("created_at_ms"))
            .foreign_key(&mut belongs_to("dataset_shares", "dataset_id", "datasets"))
            .foreign_key(&mut belongs_to("dataset_shares", "user_id", "users"))
            .foreign_key(&mut belongs_to("dataset_shares", "group_id", "user_groups"))
            .take();
        manager.create_table(shares).await?;
        let indexes = vec![
            index("group_members", &["user_id"]),
            index("dataset_shares", &["dataset_id", "user_id"]).unique().take(),
            index("dataset_shares", &["dataset_id", "group_id"]).unique().take(),
            index("dataset_shares", &["user_id"]),
            index("dataset_shares", &["group_id"]),
        ];
        create_indexes(manager, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["dataset_shares", "group_members", "user_groups"]).await
    }
}
