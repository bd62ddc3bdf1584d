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
            Box::new(m0001_create_users::Migration),
            Box::new(m0002_create_uploads::Migration),
            Box::new(m0003_create_jobs::Migration),
            Box::new(m0004_create_datasets::Migration),
            Box::new(m0005_create_annotation_sets::Migration),
            Box::new(m0006_create_derivatives::Migration),
            Box::new(m0007_create_webhook_deliveries::Migration),
            Box::new(m0008_add_dataset_digest::Migration),
            Box::new(m0009_add_credentials::Migration),
            Box::new(m0010_create_sharing::Migration),
            Box::new(m0011_create_audit_events::Migration),
        ]
    }
}
