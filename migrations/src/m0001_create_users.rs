//! People and the tokens that they sign requests with.

use crate::columns::*;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let users = Table::create()
            .table("users")
            .col(id("id"))
            .col(text("name").unique_key())
            .col(flag("is_admin"))
            .col(number("created_at_ms"))
            .take();
        manager.create_table(users).await?;
        let tokens = Table::create()
            .table("api_tokens")
            .col(id("id"))
            .col(number("user_id"))
            .col(bytes("token_sha256").unique_key())
            .col(number("created_at_ms"))
            .foreign_key(&mut belongs_to("api_tokens", "user_id", "users"))
            .take();
        manager.create_table(tokens).await?;
        create_indexes(manager, vec![index("api_tokens", &["user_id"])]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["api_tokens", "users"]).await
    }
}
