//! Datasets with their studies and images, and where combined ones came from.
//!
//! `position` counts from 0 without gaps inside its parent, so that a page is a range of an index. Origins carry no
//! foreign key: a combined dataset outlives its sources. `reserved_name` is the name key of datasets that hold their
//! name against others of the same owner; failed and deleted ones give it back.

use crate::columns::*;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(datasets()).await?;
        manager.create_table(studies()).await?;
        manager.create_table(images()).await?;
        manager.create_table(combined_sources()).await?;
        create_indexes(
            manager,
            vec![
                index("datasets", &["owner_id", "id"]),
                index("datasets", &["owner_id", "reserved_name"]).unique().take(),
                index("datasets", &["name_key", "id"]),
                index("datasets", &["study_count", "id"]),
                index("datasets", &["annotation_set_count", "id"]),
                index("studies", &["dataset_id", "position"]).unique().take(),
                index("images", &["dataset_id", "position"]).unique().take(),
                index("images", &["study_id", "study_position"]).unique().take(),
                index("images", &["sha256"]),
                index("combined_sources", &["source_dataset_id"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["combined_sources", "images", "studies", "datasets"]).await
    }
}

fn datasets() -> TableCreateStatement {
    Table::create()
        .table("datasets")
        .col(id("id"))
        .col(number("owner_id"))
        .col(text("name"))
        .col(text("name_key"))
        .col(optional_text("reserved_name"))
        .col(text("status"))
        .col(number("created_at_ms"))
        .col(text("image_formats"))
        .col(count("study_count"))
        .col(count("image_count"))
        .col(count("annotation_set_count"))
        .col(count("size_bytes"))
        .col(optional_number("creation_job_id"))
        .foreign_key(&mut belongs_to("datasets", "owner_id", "users"))
        .take()
}

fn studies() -> TableCreateStatement {
    Table::create()
        .table("studies")
        .col(id("id"))
        .col(number("dataset_id"))
        .col(number("position"))
        .col(text("name"))
        .col(optional_text("study_instance_uid"))
        .col(count("image_count"))
        .foreign_key(&mut belongs_to("studies", "dataset_id", "datasets"))
        .take()
}

fn images() -> TableCreateStatement {
    Table::create()
        .table("images")
        .col(id("id"))
        .col(number("dataset_id"))
        .col(number("position"))
        .col(number("study_id"))
        .col(number("study_position"))
        .col(text("path"))
        .col(optional_bytes("raw_path"))
        .col(text("format"))
        .col(number("width"))
        .col(number("height"))
        .col(number("frame_count"))
        .col(number("bits_per_sample"))
        .col(number("size_bytes"))
        .col(bytes("sha256"))
        .col(bytes("pixel_digest"))
        .col(optional_text("sop_instance_uid"))
        .col(optional_bytes("patient_key"))
        .col(optional_number("origin_image_id"))
        .foreign_key(&mut belongs_to("images", "dataset_id", "datasets"))
        .foreign_key(&mut belongs_to("images", "study_id", "studies"))
        .take()
}

fn combined_sources() -> TableCreateStatement {
    Table::create()
        .table("combined_sources")
        .col(number("dataset_id"))
        .col(number("position"))
        .col(number("source_dataset_id"))
        .col(text("source_dataset_name"))
        .col(optional_number("annotation_set_id"))
        .col(optional_text("annotation_set_name"))
        .col(number("image_count"))
        .primary_key(Index::create().col("dataset_id").col("position"))
        .foreign_key(&mut belongs_to("combined_sources", "dataset_id", "datasets"))
        .take()
}
