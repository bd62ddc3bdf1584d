//! The database's shape as a list of steps, one intent a file. No rows are read or written here.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

mod columns;
mod m0001_create_users;
mod m0002_create_uploads;
mod m0003_create_jobs;
mod m0004_create_datasets;
mod m0005_create_annotation_sets;
mod m0006_create_derivatives;
mod m0007_create_webhook_deliveries;
mod m0008_add_dataset_digest;
mod m0009_add_credentials;
mod m0010_create_sharing;
mod m0011_create_audit_events;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            whole(m0001_create_users::Migration),
            whole(m0002_create_uploads::Migration),
            whole(m0003_create_jobs::Migration),
            whole(m0004_create_datasets::Migration),
            whole(m0005_create_annotation_sets::Migration),
            whole(m0006_create_derivatives::Migration),
            whole(m0007_create_webhook_deliveries::Migration),
            whole(m0008_add_dataset_digest::Migration),
            whole(m0009_add_credentials::Migration),
            whole(m0010_create_sharing::Migration),
            whole(m0011_create_audit_events::Migration),
        ]
    }
}

/// A step and the record of it in one transaction, which the library makes for PostgreSQL alone unless it is told: a
/// server that is killed between two statements of a step would find half of it at its next start, and never start again.
struct Whole<M>(M);

fn whole(step: impl MigrationTrait + 'static) -> Box<dyn MigrationTrait> {
    Box::new(Whole(step))
}

impl<M: MigrationTrait> MigrationName for Whole<M> {
    fn name(&self) -> &str {
        self.0.name()
    }
}

#[async_trait::async_trait]
impl<M: MigrationTrait> MigrationTrait for Whole<M> {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.0.up(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.0.down(manager).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
