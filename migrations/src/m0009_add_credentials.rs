//! How people sign in: passwords, tokens with a name, a scope and an end, sessions of browsers, identities at an OpenID
//! provider; and how much each may keep.

use crate::columns::*;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const USER_COLUMNS: [&str; 6] =
    ["password_hash", "oidc_issuer", "oidc_subject", "is_disabled", "quota_bytes", "quota_images"];
const TOKEN_COLUMNS: [&str; 4] = ["name", "scope", "expires_at_ms", "last_used_at_ms"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let users = [
            optional_text("password_hash"),
            optional_text("oidc_issuer"),
            optional_text("oidc_subject"),
            flag("is_disabled"),
            optional_number("quota_bytes"),
            optional_number("quota_images"),
        ];
        add_columns(manager, "users", users.into()).await?;
        // Tokens that are there were made for everything that their users may do.
        let tokens = [
            text("name").default("first token").take(),
            text("scope").default("ADMIN").take(),
            optional_number("expires_at_ms"),
            optional_number("last_used_at_ms"),
        ];
        add_columns(manager, "api_tokens", tokens.into()).await?;
        let sessions = Table::create()
            .table("sessions")
            .col(id("id"))
            .col(number("user_id"))
            .col(bytes("secret_sha256").unique_key())
            .col(number("created_at_ms"))
            .col(number("expires_at_ms"))
            .foreign_key(&mut belongs_to("sessions", "user_id", "users"))
            .take();
        manager.create_table(sessions).await?;
        let identity = index("users", &["oidc_issuer", "oidc_subject"]).unique().take();
        let indexes = vec![identity, index("sessions", &["user_id"]), index("sessions", &["expires_at_ms"])];
        create_indexes(manager, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["sessions"]).await?;
        let mut identity = Index::drop();
        manager.drop_index(identity.name("ix_users_oidc_issuer_oidc_subject").table("users").to_owned()).await?;
        drop_columns(manager, "api_tokens", &TOKEN_COLUMNS).await?;
        drop_columns(manager, "users", &USER_COLUMNS).await
    }
}
