//! Who did what: rows that are added and never changed or removed, which the database itself sees to.

use crate::columns::*;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Users and datasets are named here too and not only pointed to: what is told outlives them.
        let events = Table::create()
            .table("audit_events")
            .col(id("id"))
            .col(number("happened_at_ms"))
            .col(text("action"))
            .col(optional_number("user_id"))
            .col(text("user_name"))
            .col(optional_text("credential"))
            .col(optional_text("address"))
            .col(optional_number("dataset_id"))
            .col(optional_text("dataset_name"))
            .col(text("details"))
            .take();
        manager.create_table(events).await?;
        let indexes = vec![
            index("audit_events", &["dataset_id", "id"]),
            index("audit_events", &["user_id", "id"]),
            index("audit_events", &["action", "id"]),
        ];
        create_indexes(manager, indexes).await?;
        for statement in refuse_changes(manager.get_database_backend()) {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["audit_events"]).await?;
        if manager.get_database_backend() == DatabaseBackend::Postgres {
            manager.get_connection().execute_unprepared("DROP FUNCTION refuse_audit_change()").await?;
        }
        Ok(())
    }
}

fn refuse_changes(backend: DatabaseBackend) -> &'static [&'static str] {
    match backend {
        DatabaseBackend::Postgres => &[
            "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'audit events are never changed'; END $$",
            "CREATE TRIGGER audit_events_stay BEFORE UPDATE OR DELETE ON audit_events \
             FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()",
        ],
        _ => &[
            "CREATE TRIGGER audit_events_stay_as_they_are BEFORE UPDATE ON audit_events \
             BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END",
            "CREATE TRIGGER audit_events_stay BEFORE DELETE ON audit_events \
             BEGIN SELECT RAISE(ABORT, 'audit events are never removed'); END",
        ],
    }
}
